namespace PluginHost.WebConsole.Tests;

/// <summary>
/// The pictures of docs/console.md. PLUGINHOST_TEST_PICTURES=update makes them; otherwise each screen has to look like its picture, but for
/// what differs from run to run.
/// </summary>
[Collection(nameof(Site))]
public sealed class PictureTests(Site site, PictureHost host) : IClassFixture<PictureHost>
{
    /// <summary>The part of the pixels that may differ: fonts are not the same everywhere.</summary>
    private const double Tolerance = 0.005;

    private static readonly string Folder = Path.Combine(BuildOutputs.RepositoryRoot, "docs", "images", "console");

    // Times, ids, durations and the places of bars are the same in every picture.
    private const string Settle = """
        () => {
          const set = (selector, text) => document.querySelectorAll(selector).forEach((e) => { e.textContent = text; });
          set('time[data-ago]', '2 min ago'); set('td code[title], .turn-head code', '…4f6a7b8c9d'); set('h1', document.querySelector('h1').textContent.replace(/…\w+/, '…4f6a7b8c9d'));
          document.querySelectorAll('.number:not(:has(time)), .tabular').forEach((e) => { e.textContent = e.textContent.replace(/[\d.]+ m?s/g, '4.20 ms'); });
          set('time[data-lasted]', '5 s'); set('.approval p.quiet time', '2026-12-06 09:00:00.000 UTC'); set('th.bars span', '4.20 ms'); set('#host [title]', '3 min 20 s');
          set('dd code', '0123456789abcdef'); set('#errors .command code', 'grep run_0123456789abcdef'); set('h2 code', '/opt/pluginhost/config/appsettings.json');
          set('.call > summary > .quiet', '· 4.20 ms · about 391 tokens · stop');
          document.querySelectorAll('#host .big').forEach((e) => { if (e.textContent.endsWith('MiB')) e.textContent = '120.0 MiB'; });
          document.querySelectorAll('.strip rect').forEach((e, i) => { e.setAttribute('y', 36 - i * 4); e.setAttribute('height', 12 + i * 4); });
          document.querySelectorAll('.waterfall rect').forEach((e, i) => { e.setAttribute('x', Math.min(i * 60, 900)); e.setAttribute('width', Math.max(1000 - i * 180, 60)); });
          // The page says these again every second.
          document.querySelectorAll('time').forEach((e) => { delete e.dataset.ago; delete e.dataset.lasted; });
          document.querySelector('.approval')?.scrollIntoView({ block: 'end' });
        }
        """;

    [ChromiumTheory]
    [InlineData("now", "/console", ColorScheme.Light)]
    [InlineData("sessions", "/console/sessions", ColorScheme.Light)]
    [InlineData("session", "/console/sessions/trip", ColorScheme.Light)]
    [InlineData("session-dark", "/console/sessions/trip", ColorScheme.Dark)]
    [InlineData("approval", "/console/sessions/approvals", ColorScheme.Light)]
    [InlineData("run", "/console/sessions/orders/runs/last", ColorScheme.Light)]
    [InlineData("runs", "/console/runs", ColorScheme.Light)]
    [InlineData("explain", "/console/sessions/trip/runs/last#given", ColorScheme.Light)]
    [InlineData("agents", "/console/agents", ColorScheme.Light)]
    [InlineData("plugins", "/console/plugins", ColorScheme.Light)]
    [InlineData("configuration", "/console/configuration", ColorScheme.Light)]
    public async Task A_screen_looks_like_its_picture(string name, string address, ColorScheme scheme)
    {
        await using var visitor = await site.VisitAsync("about:blank", 1100, scheme);
        // A page that is not seen follows no events, and so is not read again before the picture is made.
        await visitor.Page.AddInitScriptAsync("Object.defineProperty(document, 'hidden', { get: () => true });");
        await visitor.Page.GotoAsync(host.Address + await CompleteAsync(address));
        await visitor.Page.EvaluateAsync(Settle);
        var picture = await visitor.Page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });
        var file = Path.Combine(Folder, name + ".png");
        if (Environment.GetEnvironmentVariable("PLUGINHOST_TEST_PICTURES") == "update")
        {
            Directory.CreateDirectory(Folder);
            await File.WriteAllBytesAsync(file, picture);
        }

        var different = await DifferenceAsync(visitor.Page, await File.ReadAllBytesAsync(file), picture);
        Assert.True(different <= Tolerance, $"{different:P1} of {name}.png differ. If the screen is meant to look so, run the test with PLUGINHOST_TEST_PICTURES=update.");
    }

    [Fact]
    public void The_page_of_the_console_shows_every_picture()
    {
        var page = File.ReadAllText(Path.Combine(BuildOutputs.RepositoryRoot, "docs", "console.md"));
        Assert.All(Directory.GetFiles(Folder, "*.png"), f => Assert.Contains($"(images/console/{Path.GetFileName(f)})", page, StringComparison.Ordinal));
    }

    private async Task<string> CompleteAsync(string address) =>
        address.Split('/') is [_, _, _, var session, _, var last] && last.StartsWith("last", StringComparison.Ordinal)
            ? address.Replace("/last", $"/{(await host.Api.ListRunsAsync(session))[^1]["id"]}", StringComparison.Ordinal)
            : address;

    /// <summary>Compares two pictures in the browser.</summary>
    private static async Task<double> DifferenceAsync(IPage page, byte[] expected, byte[] actual)
    {
        await page.GotoAsync("about:blank");
        return await page.EvaluateAsync<double>(
            """
            async (pictures) => {
              const [a, b] = await Promise.all(pictures.map(async (text) => {
                const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + text)).blob());
                const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
                canvas.drawImage(picture, 0, 0);
                return canvas.getImageData(0, 0, picture.width, picture.height);
              }));
              if (a.width !== b.width || a.height !== b.height) return 1;
              let different = 0;
              for (let i = 0; i < a.data.length; i += 4) {
                if (Math.abs(a.data[i] - b.data[i]) + Math.abs(a.data[i + 1] - b.data[i + 1]) + Math.abs(a.data[i + 2] - b.data[i + 2]) > 60) different++;
              }
              return different / (a.data.length / 4);
            }
            """,
            new[] { Convert.ToBase64String(expected), Convert.ToBase64String(actual) });
    }
}

/// <summary>A host that no other test uses: its lists are the same in every run.</summary>
public sealed class PictureHost : IAsyncLifetime
{
    private readonly WorkFolder _folder = SampleRuns.CreateFolder();
    private RunningHost _host = null!;

    public string Address => _host.Address;

    internal ApiClient Api => _host.Api;

    public async Task InitializeAsync()
    {
        _host = await RunningHost.StartAsync(_folder);
        await SampleRuns.FillAsync(Api);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }
}
