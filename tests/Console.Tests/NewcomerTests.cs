using System.Text.RegularExpressions;

namespace PluginHost.WebConsole.Tests;

/// <summary>The first quarter of an hour: a conversation, a tool, the trace, and a configuration that is broken and mended.</summary>
[Collection(nameof(Site))]
public sealed class NewcomerTests(Site site)
{
    [ChromiumTheory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    public async Task A_newcomer_talks_to_the_echo_model_and_sees_what_the_run_did(int width, ColorScheme scheme)
    {
        await using var visitor = await site.VisitAsync("/", width, scheme);
        await Assertions.Expect(visitor.Page).ToHaveTitleAsync("Now · PluginHost");

        await visitor.FollowAsync("New conversation");
        await visitor.Page.GetByLabel("Message", new() { Exact = true }).FillAsync("""call remember {"fact": "She likes tea."}""");
        await visitor.ClickAsync("Send");
        await visitor.SeeAsync("Echo: remember returned Remembered as fact 1.");
        await Assertions.Expect(visitor.Page.Locator(".turn .mark")).ToHaveTextAsync("completed");

        await visitor.Page.Locator(".turn-head a").First.ClickAsync();
        await visitor.SeeAsync("execute_tool remember");
        await visitor.SeeAsync("2 model calls");
        await visitor.Page.GetByText("memory context.provide").ClickAsync();
        await visitor.SeeAsync("pluginhost.plugin.name");

        await Assertions.Expect(visitor.Page.Locator("#sent-title + *")).ToContainTextAsync("call remember");
        await Assertions.Expect(visitor.Page.Locator("#call-2")).ToContainTextAsync("remember of memory");
        await visitor.Page.Locator("#call-2 summary", new() { HasText = "result" }).ClickAsync();
        await visitor.SeeAsync("Remembered as fact 1.");
    }

    [ChromiumTheory]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(360, ColorScheme.Light)]
    public async Task A_newcomer_breaks_the_configuration_reads_the_error_and_mends_it(int width, ColorScheme scheme)
    {
        await using var visitor = await site.VisitAsync("/console/configuration", width, scheme);
        site.Folder.Configure(SampleRuns.Configuration.Replace("\"Window\": 50", "\"Windows\": 50", StringComparison.Ordinal));

        await visitor.ClickAsync("Reload");
        await visitor.SeeAsync("Agents:assistant:Chain:0:Host");
        await visitor.SeeAsync("Windows");
        await visitor.CheckAsync("A refused reload");
        await Assertions.Expect(visitor.Page).ToHaveURLAsync(new Regex("/console/configuration$"));

        site.Folder.Configure(SampleRuns.Configuration);
        await visitor.ClickAsync("Reload");
        await visitor.SeeAsync("serves now.");
    }

    [ChromiumFact]
    public async Task An_answer_is_shown_while_it_comes()
    {
        await using var visitor = await site.VisitAsync("/console/new?agent=typing");
        await visitor.Page.GetByLabel("Message", new() { Exact = true }).FillAsync("one two three four five six seven eight nine ten");
        await visitor.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(visitor.Page.Locator("[data-stream] [data-text]")).ToContainTextAsync("Echo: one");
        await Assertions.Expect(visitor.Page.Locator(".mark.running")).ToBeVisibleAsync();
        await visitor.SeeAsync("one two three four five six seven eight nine ten (0 earlier messages)");
        await Assertions.Expect(visitor.Page.Locator(".turn .mark.completed")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Everything_works_without_scripts()
    {
        await using var visitor = await site.VisitAsync("/console/new", hasScript: false);
        await visitor.Page.GetByLabel("Message", new() { Exact = true }).FillAsync("no scripts here");
        await visitor.ClickAsync("Send");
        // A reload that meets the page's own way there would be an error.
        await visitor.Page.WaitForURLAsync("**/console/sessions/*");
        await visitor.Page.ReloadAsync();

        await visitor.SeeAsync("Echo: no scripts here (0 earlier messages)");
        await visitor.ClickAsync("Fork");
        await visitor.SeeAsync("Echo: no scripts here (0 earlier messages)");
        await visitor.FollowAsync("Delete…");
        await visitor.ClickAsync("Delete the session");
        await visitor.SeeAsync("Receipt");
    }

    [ChromiumFact]
    public async Task Text_that_is_not_sent_stays_when_a_run_ends()
    {
        await using var visitor = await site.VisitAsync("/console/new?agent=typing");
        await visitor.Page.GetByLabel("Message", new() { Exact = true }).FillAsync("one two three four five six seven eight nine ten eleven twelve");
        await visitor.ClickAsync("Send");
        await Assertions.Expect(visitor.Page.Locator("[data-stream] [data-text]")).ToContainTextAsync("Echo");
        await visitor.Page.GetByLabel("Message", new() { Exact = true }).FillAsync("my next message");
        await visitor.Page.Locator("h1").ClickAsync();

        await Assertions.Expect(visitor.Page.Locator(".turn .mark.completed")).ToBeVisibleAsync();
        Assert.Equal("my next message", await visitor.Page.GetByLabel("Message", new() { Exact = true }).InputValueAsync());
    }
}
