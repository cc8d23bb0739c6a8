using Deque.AxeCore.Commons;

namespace PluginHost.WebConsole.Tests;

/// <summary>Every screen, by axe, at two widths and in both schemes; and what axe does not see.</summary>
[Collection(nameof(Site))]
public sealed class AccessibilityTests(Site site)
{
    private static readonly string[] Addresses =
    [
        "/console", "/console/runs?trouble=true", "/console/new", "/console/sessions", "/console/sessions/trip", "/console/sessions/approvals", "/console/sessions/trip/delete",
        "/console/agents", "/console/plugins", "/console/configuration", "/console/sessions/none",
    ];

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    [ChromiumTheory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    public async Task Axe_finds_nothing(int width, ColorScheme scheme)
    {
        await using var visitor = await site.VisitAsync("about:blank", width, scheme);
        var runs = new[] { "trip", "orders" }.Select(async s => $"/console/sessions/{s}/runs/{(await site.Api.ListRunsAsync(s))[^1]["id"]}");
        foreach (var address in Addresses.Concat(await Task.WhenAll(runs)))
        {
            await visitor.Page.GotoAsync(site.Host.Address + address);
            await visitor.Page.EvaluateAsync(Axe);
            var found = await visitor.Page.EvaluateAsync<string[]>(
                "async () => (await axe.run({ resultTypes: ['violations'] })).violations.map((v) => `${v.id}: ${v.help}: ${v.nodes[0].html}`)");
            Assert.True(found.Length == 0, $"{address}:\n{string.Join('\n', found)}");
            Assert.True(await visitor.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{address} is wider than {width} pixels.");
        }
    }

    [ChromiumFact]
    public async Task The_keyboard_reaches_content_and_forms()
    {
        await using var visitor = await site.VisitAsync("/console/sessions/trip");
        await visitor.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(visitor.Page.GetByText("Skip to content")).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Page.Keyboard.PressAsync("Tab");

        Assert.Equal("Sessions", await visitor.Page.EvaluateAsync<string>("document.activeElement.textContent"));
        Assert.NotEqual("none", await visitor.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
    }
}
