namespace PluginHost.WebConsole.Tests;

/// <summary>Every screen, by axe, at two widths and in both schemes; and what axe does not see. Screens that a form leads to are checked by the tests that send it.</summary>
[Collection(nameof(Site))]
public sealed class AccessibilityTests(Site site)
{
    private static readonly string[] Addresses =
    [
        "/console", "/console/runs?trouble=true", "/console/runs?since=wrong", "/console/new", "/console/sessions", "/console/sessions/trip", "/console/sessions/approvals",
        "/console/sessions/trip/delete", "/console/agents", "/console/plugins", "/console/configuration", "/console/sessions/none",
    ];

    [ChromiumTheory]
    [InlineData(1280)]
    [InlineData(360)]
    public async Task Axe_finds_nothing_and_nothing_is_cut_off(int width)
    {
        await using var visitor = await site.VisitAsync("about:blank", width);
        foreach (var address in await FindAddressesAsync())
        {
            await visitor.Page.GotoAsync(site.Host.Address + address);
            await visitor.CheckAsync(address);
            await visitor.CheckColorsAsync(address, ColorScheme.Dark);
            if (width == 1280) await visitor.CheckEnlargedAsync(address);
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

    [ChromiumFact]
    public async Task A_conversation_is_begun_and_its_run_is_opened_by_keyboard()
    {
        await using var visitor = await site.VisitAsync("/console");
        await TabToAsync(visitor, "New conversation");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visitor.Page).ToHaveTitleAsync("New conversation · PluginHost");
        await TabToAsync(visitor, "Message");
        await visitor.Page.Keyboard.TypeAsync("by keyboard");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.SeeAsync("Echo: by keyboard");
        await Assertions.Expect(visitor.Page.Locator(".turn .mark")).ToHaveTextAsync("completed");

        await TabToAsync(visitor, "assistant …");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.SeeAsync("What the model was given");
    }

    /// <summary>Presses Tab until what has the focus is called so.</summary>
    private static async Task TabToAsync(Visitor visitor, string name)
    {
        for (var i = 0; i < 60; i++)
        {
            await visitor.Page.Keyboard.PressAsync("Tab");
            var focused = await visitor.Page.EvaluateAsync<string>("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()");
            if (focused.StartsWith(name, StringComparison.Ordinal)) return;
        }

        Assert.Fail($"Tab does not reach '{name}'.");
    }

    private async Task<IEnumerable<string>> FindAddressesAsync()
    {
        var runs = new[] { "trip", "orders" }.Select(async s => $"/console/sessions/{s}/runs/{(await site.Api.ListRunsAsync(s))[^1]["id"]}");
        var message = (await site.Api.ListAsync("/v1/sessions/trip/messages"))[0]["id"];
        return [.. Addresses, .. await Task.WhenAll(runs), $"/console/sessions/trip/messages/{message}"];
    }
}
