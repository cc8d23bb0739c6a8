using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.WebConsole.Tests;

/// <summary>A host with a few runs of each kind, and one browser for all tests.</summary>
public sealed class Site : IAsyncLifetime
{
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--font-render-hinting=none"];

    private IPlaywright? _playwright;

    internal WorkFolder Folder { get; } = SampleRuns.CreateFolder();

    internal RunningHost Host { get; private set; } = null!;

    internal ApiClient Api => Host.Api;

    public IBrowser Browser { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Host = await RunningHost.StartAsync(Folder);
        if (Chromium.Path is not { } path) return;
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Arguments });
        await SampleRuns.FillAsync(Api);
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        _playwright?.Dispose();
        await Host.DisposeAsync();
        Folder.Dispose();
    }

    /// <summary>Opens a page in a new context, which has no cookies of others.</summary>
    internal async Task<Visitor> VisitAsync(string address, int width = 1280, ColorScheme scheme = ColorScheme.Light, bool hasScript = true)
    {
        var context = await Browser.NewContextAsync(new()
        {
            BaseURL = Host.Address,
            ViewportSize = new() { Width = width, Height = 800 },
            ColorScheme = scheme,
            JavaScriptEnabled = hasScript,
            ReducedMotion = ReducedMotion.Reduce,
        });
        return await Visitor.OpenAsync(context, address);
    }

    /// <inheritdoc cref="SampleRuns.RunAsync"/>
    internal Task<JsonNode> RunAsync(string agent, string session, string input, bool background = false, JsonNode? options = null, HttpStatusCode expected = HttpStatusCode.OK) =>
        SampleRuns.RunAsync(Api, agent, session, input, background, options, expected);
}

[CollectionDefinition(nameof(Site))]
public sealed class SiteTests : ICollectionFixture<Site>;
