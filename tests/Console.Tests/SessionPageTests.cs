using System.Net;
using System.Text.RegularExpressions;

namespace PluginHost.WebConsole.Tests;

/// <summary>What can be done on the page of a session, beside the stories.</summary>
[Collection(nameof(Site))]
public sealed class SessionPageTests(Site site)
{
    [ChromiumFact]
    public async Task Runs_that_failed_or_were_cancelled_are_marked()
    {
        await site.RunAsync("faulty", "marks", "This fails.", expected: HttpStatusCode.InternalServerError);
        await site.RunAsync("hanging", "marks", "This hangs.", background: true, expected: HttpStatusCode.Accepted);
        await using var visitor = await site.VisitAsync("/console/sessions/marks");
        await visitor.Page.Locator(".turn").GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Cancel") }).ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".turn-head .mark")).ToHaveTextAsync(["failed", "cancelled"]);
        await Assertions.Expect(visitor.Page.Locator(".turn.failed > .failure")).ToContainTextAsync("plugin_error");
        await visitor.CheckAsync("A session with a failed and a cancelled run");
    }

    [ChromiumFact]
    public async Task A_session_is_forked_from_a_run()
    {
        await site.RunAsync("assistant", "branch", "first");
        await site.RunAsync("assistant", "branch", "second");
        await using var visitor = await site.VisitAsync("/console/sessions/branch");
        await visitor.Page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Fork from here") }).First.ClickAsync();
        await Assertions.Expect(visitor.Page).Not.ToHaveURLAsync(new Regex("/console/sessions/branch"));
        await visitor.SeeAsync("Echo: first");
        await Assertions.Expect(visitor.Page.Locator(".turns")).Not.ToContainTextAsync("second");
    }

    [ChromiumFact]
    public async Task A_call_that_waits_is_approved()
    {
        await site.RunAsync("assistant", "approved", """call remember {"fact": "by bus"}""");
        await site.RunAsync("assistant", "approved", """call forget {"id": 1}""");
        await using var visitor = await site.VisitAsync("/console/sessions/approved");
        await visitor.ClickAsync("Approve");
        await Assertions.Expect(visitor.Page.Locator(".turn").Last.Locator(".mark").First).ToHaveTextAsync("completed");
        await visitor.SeeAsync("Echo: forget returned");
    }

    [ChromiumFact]
    public async Task A_message_is_sent_once_by_two_keys()
    {
        await site.RunAsync("assistant", "twice", "hi");
        await using var visitor = await site.VisitAsync("/console/sessions/twice");
        await visitor.Page.Locator("#input").FillAsync("once");
        var count = await visitor.Page.EvaluateAsync<int>("""
            () => {
              let count = 0;
              addEventListener('submit', (event) => { if (!event.defaultPrevented) count++; event.preventDefault(); });
              for (let i = 0; i < 2; i++) document.querySelector('#input').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
              return count;
            }
            """);
        Assert.Equal(1, count);
    }

    [ChromiumFact]
    public async Task Metadata_is_changed()
    {
        await site.RunAsync("assistant", "labelled", "hi");
        await using var visitor = await site.VisitAsync("/console/sessions/labelled");
        var metadata = visitor.Page.GetByLabel("key: value");
        await metadata.FillAsync("user: grace\ncolor: red");
        await visitor.ClickAsync("Save metadata");
        await Assertions.Expect(visitor.Page.Locator("aside dd.tabular")).ToHaveTextAsync("2");
        Assert.Equal("""{"user":"grace","color":"red"}""", (await site.Api.GetAsync("/v1/sessions/labelled"))["metadata"]!.ToJsonString());
    }

    [ChromiumFact]
    public async Task A_message_gives_tools_that_the_caller_answers()
    {
        await using var visitor = await site.VisitAsync("/console/new?agent=assistant");
        await visitor.Page.GetByLabel("Message", new() { Exact = true }).FillAsync("""call weather {"city": "Rome"}""");
        await visitor.Page.GetByText("Tools of the caller").ClickAsync();
        var tools = visitor.Page.GetByLabel("A JSON list of tools");
        await tools.FillAsync("""[{"name":"weather",}""");
        await visitor.ClickAsync("Send");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The tools are not JSON");
        await Assertions.Expect(visitor.Page).ToHaveURLAsync(new Regex("/console/new$"));
        await visitor.CheckAsync("A refused message");

        await tools.FillAsync("""[{"name":"weather"}]""");
        await visitor.ClickAsync("Send");
        await visitor.Page.GetByLabel("Result of weather").FillAsync("sunny");
        await visitor.ClickAsync("Send results");
        await visitor.SeeAsync("Echo: weather returned sunny");
    }

    [ChromiumFact]
    public async Task A_chosen_agent_stays_when_a_run_ends()
    {
        var run = await site.RunAsync("hanging", "chosen", "Take long.", background: true, expected: HttpStatusCode.Accepted);
        await using var visitor = await site.VisitAsync("/console/sessions/chosen");
        var agent = visitor.Page.Locator("select[name=agent]");
        await Assertions.Expect(visitor.Page.Locator("select[name=busy]")).ToBeVisibleAsync();
        await Assertions.Expect(agent).ToHaveValueAsync("hanging");
        await agent.SelectOptionAsync("assistant");
        await agent.BlurAsync();

        await site.Api.PostAsync($"/v1/sessions/chosen/runs/{run["id"]}/cancel");
        await Assertions.Expect(visitor.Page.Locator("select[name=busy]")).ToHaveCountAsync(0);
        await Assertions.Expect(agent).ToHaveValueAsync("assistant");
    }

    [ChromiumFact]
    public async Task A_command_is_copied()
    {
        await using var visitor = await site.VisitAsync("/console/new");
        await visitor.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).First.ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal("""call remember {"fact": "tea, not coffee"}""", await visitor.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }
}
