using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PluginHost.WebConsole.Tests;

/// <summary>The night: what failed and why, a run that hangs, calls that wait, and a session that has to go.</summary>
[Collection(nameof(Site))]
public sealed class OperatorTests(Site site)
{
    [ChromiumTheory]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(360, ColorScheme.Light)]
    public async Task An_operator_finds_a_failed_run_and_the_plugin_that_failed(int width, ColorScheme scheme)
    {
        await using var visitor = await site.VisitAsync("/console/runs", width, scheme);
        await visitor.FollowAsync("Trouble of yesterday");
        await Assertions.Expect(visitor.Page).ToHaveURLAsync(new Regex(@"\?trouble=true&since=\d{4}-\d\d-\d\dT00:00:00Z&until=\d{4}-\d\d-\d\dT00:00:00Z$"));
        await visitor.FollowAsync("Clear");
        await visitor.Page.GetByLabel("only with trouble").CheckAsync();
        await visitor.Page.GetByLabel("Agent", new() { Exact = true }).FillAsync("faulty");
        await visitor.Page.GetByLabel("Since (UTC)").FillAsync($"{DateTime.UtcNow.AddHours(-1):yyyy-MM-ddTHH:mm}");
        await visitor.Page.GetByLabel("Until (UTC)").FillAsync($"{DateTime.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm}");
        await visitor.ClickAsync("Find");
        Assert.Contains("trouble=true", visitor.Page.Url, StringComparison.Ordinal);

        await visitor.Page.Locator("tbody tr").First.Locator("a").First.ClickAsync();
        await visitor.SeeAsync("Failed with plugin_error");
        await visitor.SeeAsync("misbehaving-context/lookup");
        await Assertions.Expect(visitor.Page.Locator("tr.error").Last).ToContainTextAsync("misbehaving-context");
    }

    [ChromiumTheory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    public async Task An_operator_cancels_a_run_that_hangs(int width, ColorScheme scheme)
    {
        var session = $"stuck-{width}";
        var run = await site.RunAsync("hanging", session, "Say something.", background: true, expected: HttpStatusCode.Accepted);
        await using var visitor = await site.VisitAsync("/console", width, scheme);
        var row = visitor.Page.Locator("#in-progress tr", new() { HasText = session });
        await Assertions.Expect(row).ToContainTextAsync("chat echo");
        // The seconds move, and the stage is read again without an event.
        await Assertions.Expect(row).ToContainTextAsync(new Regex(@"\b[2-9] s"));
        await visitor.Page.WaitForRequestAsync("**/console");
        await visitor.CheckAsync("Now, with a run in progress");

        await row.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);
        await Assertions.Expect(visitor.Page.Locator("#last tr", new() { HasText = session }).First).ToContainTextAsync("cancelled");
        Assert.Equal("cancelled", (string)(await site.Api.GetAsync($"/v1/sessions/{session}/runs/{run["id"]}"))["status"]!);
    }

    [ChromiumFact]
    public async Task A_list_shows_what_happens_elsewhere_and_says_that_the_host_is_lost()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        await using var visitor = await site.VisitAsync($"{host.Address}/console");
        visitor.ExpectsLostConnections = true;
        await visitor.SeeAsync("No run yet.");

        await host.Api.AskAsync("elsewhere", "hello");
        await Assertions.Expect(visitor.Page.Locator("#last")).ToContainTextAsync("elsewhere");

        await host.KillAsync();
        await Assertions.Expect(visitor.Page.Locator("#connection")).ToContainTextAsync("The connection to the host is lost.");
    }

    [ChromiumFact]
    public async Task A_run_that_begins_elsewhere_streams_on_the_open_page_of_its_session()
    {
        await site.RunAsync("assistant", "watched", "first");
        await using var visitor = await site.VisitAsync("/console/sessions/watched");
        var version = visitor.Page.Locator("aside dd.tabular");
        await Assertions.Expect(version).ToHaveTextAsync("1");

        await site.RunAsync("typing", "watched", "two three four five six seven", background: true, expected: HttpStatusCode.Accepted);
        await Assertions.Expect(visitor.Page.Locator("[data-stream] [data-text]")).ToContainTextAsync("Echo: two");
        await Assertions.Expect(visitor.Page.Locator(".turn .mark")).ToHaveTextAsync(["completed", "completed"]);
        await Assertions.Expect(version).ToHaveTextAsync("2");
    }

    [ChromiumFact]
    public async Task What_a_reader_has_unfolded_stays_so_when_the_page_is_read_again()
    {
        await site.RunAsync("assistant", "unfolded", """call remember {"fact": "unfolded"}""");
        await using var visitor = await site.VisitAsync("/console/sessions/unfolded");
        var call = visitor.Page.Locator("details.tool").First;
        await call.Locator("summary").ClickAsync();
        await site.RunAsync("assistant", "unfolded", "meanwhile");
        await visitor.SeeAsync("Echo: meanwhile");
        Assert.True(await call.EvaluateAsync<bool>("fold => fold.open && fold.contains(document.activeElement)"));
    }

    [ChromiumFact]
    public async Task A_page_that_the_host_no_longer_shows_says_so_and_not_that_the_host_is_lost()
    {
        await site.RunAsync("assistant", "removed", "first");
        await using var visitor = await site.VisitAsync("/console/sessions/removed");
        using var deleted = await site.Api.Http.DeleteAsync(new Uri("/v1/sessions/removed", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        // A page is read again when it is seen again.
        await visitor.Page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await Assertions.Expect(visitor.Page.Locator("#connection")).ToContainTextAsync("The host refuses to show this page (404)");
    }

    [ChromiumFact]
    public async Task A_list_whose_filter_is_wrong_says_what_is_wrong_and_nothing_of_a_connection()
    {
        await using var visitor = await site.VisitAsync("/console/runs?since=foo");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Expected a time.");
        Assert.Null(await visitor.Page.Locator("body").GetAttributeAsync("data-events"));
    }

    [ChromiumFact]
    public async Task A_refused_import_leaves_a_page_that_says_what_is_wrong()
    {
        await using var visitor = await site.VisitAsync("/console/sessions");
        var connection = visitor.Page.Locator("#connection");
        await ImportAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();

        await visitor.Page.RouteAsync("**/console/sessions", route => route.FulfillAsync(new() { Status = 404 }));
        await visitor.Page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await Assertions.Expect(connection).ToContainTextAsync("The host refuses to show this page (404)");

        await visitor.Page.RouteAsync("**/console/sessions/import", route => route.FulfillAsync(new() { Status = 413, Body = "Too large." }));
        await ImportAsync();
        await Assertions.Expect(connection).ToContainTextAsync("The file was not imported: the answer has the status 413.");

        async Task ImportAsync()
        {
            var file = new FilePayload { Name = "wrong.json", MimeType = "application/json", Buffer = "{}"u8.ToArray() };
            await visitor.Page.GetByLabel("A file that was exported").SetInputFilesAsync(file);
            await visitor.ClickAsync("Import");
        }
    }

    [ChromiumFact]
    public async Task A_call_that_waits_is_refused_with_a_reason()
    {
        await site.RunAsync("assistant", "refused", """call remember {"fact": "window seat"}""");
        await site.RunAsync("assistant", "refused", """call forget {"id": 1}""");
        await using var visitor = await site.VisitAsync("/console/sessions/refused");
        await visitor.SeeAsync("The model wants to call forget of memory");

        await visitor.Page.GetByLabel("Reason").FillAsync("Keep it.");
        // Enter decides nothing.
        await visitor.Page.GetByLabel("Reason").PressAsync("Enter");
        await visitor.ClickAsync("Refuse");
        await visitor.SeeAsync("Keep it.");
        await Assertions.Expect(visitor.Page.Locator(".turn").Last.Locator(".mark").First).ToHaveTextAsync("completed");
    }

    [ChromiumFact]
    public async Task A_call_of_the_callers_tool_is_answered()
    {
        var tools = JsonNode.Parse("""{"tools":[{"name":"weather"}]}""");
        await site.RunAsync("assistant", "weather", """call weather {"city":"Rome"}""", options: tools);
        await using var visitor = await site.VisitAsync("/console/sessions/weather");

        await visitor.Page.GetByLabel("Result of weather").FillAsync("sunny");
        await visitor.ClickAsync("Send results");
        await visitor.SeeAsync("Echo: weather returned sunny");
    }

    [ChromiumFact]
    public async Task A_change_of_the_state_that_comes_too_late_is_refused_and_kept_on_the_page()
    {
        await site.RunAsync("assistant", "state", """call remember {"fact": "aisle seat"}""");
        await using var visitor = await site.VisitAsync("/console/sessions/state");
        var state = visitor.Page.GetByLabel("JSON by plugin");
        var changed = (await state.InputValueAsync()).Replace("aisle", "middle", StringComparison.Ordinal);
        await state.FillAsync(changed);
        await site.RunAsync("assistant", "state", "meanwhile");
        await visitor.SeeAsync("Echo: meanwhile");

        await visitor.ClickAsync("Save state");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("version");
        Assert.Equal(changed, await state.InputValueAsync());

        await visitor.Page.GotoAsync("/console/sessions/state");
        await state.FillAsync(changed);
        await visitor.ClickAsync("Save state");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        Assert.Contains("middle seat", (await site.Api.GetAsync("/v1/sessions/state"))["state"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [ChromiumTheory]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(360, ColorScheme.Light)]
    public async Task An_operator_exports_deletes_and_imports_a_session_and_reads_the_receipt(int width, ColorScheme scheme)
    {
        var session = $"gone-{width}";
        await site.RunAsync("assistant", session, "Forget me.");
        await using var visitor = await site.VisitAsync($"/console/sessions/{session}", width, scheme);
        var download = await visitor.Page.RunAndWaitForDownloadAsync(() => visitor.FollowAsync("Export"));
        var file = site.Folder[$"{session}.json"];
        await download.SaveAsAsync(file);
        await Assertions.Expect(visitor.Page.Locator("aside [data-exported]")).ToHaveTextAsync(new Regex(@"^Exported, \d+ B\.$"));

        await visitor.FollowAsync("Delete…");
        await visitor.ClickAsync("Delete the session");
        await visitor.SeeAsync($"{session} is deleted");
        await visitor.CheckAsync("A receipt");
        await Assertions.Expect(visitor.Page.Locator("main tr", new() { HasText = "sqlite-sessions" })).ToHaveTextAsync(new Regex("session-store\\s*[1-9]"));

        await visitor.FollowAsync("All sessions");
        await visitor.Page.GetByLabel("A file that was exported").SetInputFilesAsync(file);
        await visitor.ClickAsync("Import");
        await Assertions.Expect(visitor.Page).ToHaveURLAsync(new Regex($"/console/sessions/{session}$"));
        await visitor.SeeAsync("Echo: Forget me.");
    }
}
