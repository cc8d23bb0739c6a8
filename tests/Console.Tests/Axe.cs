using Deque.AxeCore.Commons;

namespace PluginHost.WebConsole.Tests;

/// <summary>Looks for what keeps people from using a page.</summary>
internal static class Axe
{
    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <summary>Fails when axe finds something on the page with all its folds open, or when the page is wider than the window.</summary>
    public static async Task CheckAsync(this Visitor visitor, string what)
    {
        await visitor.Page.EvaluateAsync("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })");
        await visitor.Page.EvaluateAsync(Script);
        await RunAsync(visitor.Page, what, "{}");
        await visitor.CheckWidthAsync(what);
    }

    /// <summary>Fails when the colours of a page that was checked are wrong in a scheme. Nothing else that axe looks at depends on it.</summary>
    public static async Task CheckColorsAsync(this Visitor visitor, string what, ColorScheme scheme)
    {
        await visitor.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await RunAsync(visitor.Page, $"{what}, {scheme}", "{ runOnly: ['color-contrast'] }");
        await visitor.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
    }

    /// <summary>Fails when a page of 1280 pixels at 200 %, which has half of the width, or one with larger text, is wider than the window.</summary>
    public static async Task CheckEnlargedAsync(this Visitor visitor, string what)
    {
        await visitor.Page.SetViewportSizeAsync(640, 400);
        await visitor.CheckWidthAsync($"{what} at 200 %");
        await visitor.Page.SetViewportSizeAsync(1280, 800);
        await visitor.Page.EvaluateAsync("document.documentElement.style.fontSize = '200%'");
        await visitor.CheckWidthAsync($"{what} with larger text");
    }

    private static async Task CheckWidthAsync(this Visitor visitor, string what) =>
        Assert.True(await visitor.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{what} is wider than the window.");

    private static async Task RunAsync(IPage page, string what, string options)
    {
        var found = await page.EvaluateAsync<string[]>(
            $"async () => (await axe.run(document, {{ resultTypes: ['violations'], preload: false, ...{options} }})).violations.map((v) => `${{v.id}}: ${{v.help}}: ${{v.nodes[0].html}}`)");
        Assert.True(found.Length == 0, $"{what}:\n{string.Join('\n', found)}");
    }
}
