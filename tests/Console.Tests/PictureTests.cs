namespace PluginHost.WebConsole.Tests;

/// <summary>
/// The pictures of docs/console.md. PLUGINHOST_TEST_PICTURES=update makes them; otherwise each screen has to look like its picture, but for
/// what differs from run to run.
/// </summary>
[Collection(nameof(Site))]
public sealed class PictureTests(Site site, PictureHost host) : IClassFixture<PictureHost>
{
    /// <summary>The part of the pixels that may differ: fonts are not the same everywhere.</summary>
    private const double Tolerance = 0.04;

    private static readonly string Folder = Path.Combine(BuildOutputs.RepositoryRoot, "docs", "images", "console");

    // Times, ids and durations are the same in every picture; the places of bars are not compared.
    private const string Settle = """
        () => {
          const set = (selector, text) => document.querySelectorAll(selector).forEach((e) => { e.textContent = text; });
          set('time[data-ago]', '2 min ago'); set('time[data-lasted]', '5 s'); set('.strip .tabular.quiet', 'median 4.20 ms, p95 4.20 ms'); set('td code[title], .turn-head code', '…4f6a7b8c9d'); set('h1', document.querySelector('h1').textContent.replace(/…\w+/, '…4f6a7b8c9d'));
          document.querySelectorAll('.number, .tabular').forEach((e) => { e.textContent = e.textContent.replace(/[\d.]+ m?s/, '4.20 ms'); });
          set('dd code', '0123456789abcdef');
        }
        """;

    [ChromiumTheory]
    [InlineData("now", "/console", ColorScheme.Light)]
    [InlineData("sessions", "/console/sessions", ColorScheme.Light)]
    [InlineData("session", "/console/sessions/trip", ColorScheme.Light)]
    [InlineData("session-dark", "/console/sessions/trip", ColorScheme.Dark)]
    [InlineData("approval", "/console/sessions/approvals", ColorScheme.Light)]
    [InlineData("run", "/console/sessions/orders/runs/last", ColorScheme.Light)]
    [InlineData("agents", "/console/agents", ColorScheme.Light)]
    [InlineData("plugins", "/console/plugins", ColorScheme.Light)]
    [InlineData("configuration", "/console/configuration", ColorScheme.Light)]
    public async Task A_screen_looks_like_its_picture(string name, string address, ColorScheme scheme)
    {
        await using var visitor = await site.VisitAsync("about:blank", 1100, scheme);
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

    private async Task<string> CompleteAsync(string address) =>
        address.EndsWith("/last", StringComparison.Ordinal) ? $"{address[..^4]}{(await host.Api.ListRunsAsync("orders"))[^1]["id"]}" : address;

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
