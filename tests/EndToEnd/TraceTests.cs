using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd;

/// <summary>The trace of a run without a telemetry backend: from the API and from the trace command.</summary>
public sealed class TraceTests
{
    private static readonly string[] Completed =
    [
        "assistant run",
        ".sqlite-sessions session.load",
        ".invoke_agent assistant",
        "..sqlite-history history.load",
        "..memory context.provide",
        "..chat echo",
        "..execute_tool remember",
        "..chat echo",
        ".memory context.observe",
        ".sqlite-sessions session.save",
        ".sqlite-history history.append",
    ];

    [Fact]
    public async Task The_trace_of_a_completed_run_is_available_when_the_answer_is_returned()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        foreach (var input in new[] { """call remember {"fact":"tea"}""", """call remember {"fact":"cake"}""" })
        {
            var run = await host.Api.RunAsync("ada", input);
            var trace = await host.Api.GetAsync($"/v1/sessions/ada/runs/{run["id"]}/trace");

            Assert.Equal(Completed, Draw(trace["root"]!));
            Assert.Equal(("ada", "assistant", "completed"), ((string?)trace["session_id"], (string?)trace["agent"], Attribute(trace["root"]!, "pluginhost.run.outcome")));
            Assert.DoesNotContain("tea", trace["root"]!.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Failed_cancelled_and_background_runs_have_traces()
    {
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(
            new ModelReply { Status = 400, Error = "no such model" }, new ModelReply { BeforeAnswer = hold }, new ModelReply());
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, [("Telemetry__KeptTraces", "5"), .. ModelVariables.Create(model)]);

        var problem = await host.Api.PostAsync("/v1/sessions/ada/runs", new JsonObject { ["input"] = "hi" }, System.Net.HttpStatusCode.BadGateway);
        var failed = await RootAsync(host, (string)problem["run_id"]!);
        Assert.Equal(("error", "model_request_rejected"), ((string?)failed["status"], (string?)failed["error_type"]));
        Assert.Contains(Draw(failed), name => name.StartsWith("..chat", StringComparison.Ordinal));
        Assert.Contains(".memory context.observe", Draw(failed));

        var background = new JsonObject { ["input"] = "hi", ["background"] = true };
        var running = await host.Api.PostAsync("/v1/sessions/ada/runs", background.DeepClone(), System.Net.HttpStatusCode.Accepted);
        await hold.Reached;
        var early = await host.Api.GetAsync($"/v1/sessions/ada/runs/{running["id"]}/trace");
        Assert.Equal(("running", true), ((string?)early["status"], early["read_at"] is not null));
        var open = Flat(early["root"]!).Where(s => (string?)s["status"] == "open").ToList();
        Assert.Equal(["assistant run", "invoke_agent assistant"], open.Take(2).Select(s => (string?)s["name"]));
        Assert.StartsWith("chat ", (string?)open[^1]["name"], StringComparison.Ordinal);
        Assert.All(open, s => Assert.InRange((double)s["open_ms"]!, 0.001, (double)early["duration_ms"]!));
        Assert.Contains(Flat(early["root"]!), s => (string?)s["name"] == "sqlite-history history.load" && s["duration_ms"] is not null);
        await host.Api.PostAsync($"/v1/sessions/ada/runs/{running["id"]}/cancel");
        var cancelled = await RootAsync(host, (string)running["id"]!);
        Assert.Equal("cancelled", Attribute(cancelled, "pluginhost.run.outcome"));
        Assert.Contains(".sqlite-history history.append", Draw(cancelled));

        var done = await host.Api.PostAsync("/v1/sessions/ada/runs", background, System.Net.HttpStatusCode.Accepted);
        await host.Api.RunAsync("ada", "after it");
        var ended = await RootAsync(host, (string)done["id"]!);
        Assert.Equal("completed", Attribute(ended, "pluginhost.run.outcome"));
        Assert.Equal([".sqlite-sessions session.save", ".sqlite-history history.append"], Draw(ended).TakeLast(2));
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"assistant","messages":[{"role":"user","content":"my secret"}]}""")]
    [InlineData("/v1/responses", """{"model":"assistant","store":false,"input":"my secret"}""")]
    public async Task What_is_not_stored_is_found_by_its_id_and_by_the_id_of_its_request(string path, string body)
    {
        await using var model = await FakeModel.StartAsync(new ModelReply(), new ModelReply { Status = 400, Error = "no such model" });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model));
        foreach (var status in new[] { "completed", "failed" })
        {
            using var answer = await host.Api.Http.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
            var request = Assert.Single(answer.Headers.GetValues("x-request-id"));
            var id = (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"];

            var trace = await host.Api.GetAsync($"/v1/traces/{request}");

            Assert.Equal((status, request), ((string?)trace["status"], (string?)trace["trace_id"]));
            if (status == "completed") Assert.Equal(id, (string?)trace["run_id"]);
            var same = await host.Api.GetAsync($"/v1/traces/{trace["run_id"]}");
            Assert.Equal(trace.ToJsonString(), same.ToJsonString());
            await host.WaitForLogAsync(new System.Text.RegularExpressions.Regex($@"Run {trace["run_id"]} .*\brequest {request}\."));
            Assert.DoesNotContain("my secret", trace.ToJsonString(), StringComparison.Ordinal);
            Assert.Contains(Flat(trace["root"]!), s => ((string)s["name"]!).StartsWith("chat ", StringComparison.Ordinal));
        }

        var unknown = await host.Api.GetAsync("/v1/traces/nothing", System.Net.HttpStatusCode.NotFound);
        Assert.Equal("/problems/trace-not-kept", (string?)unknown["type"]);
    }

    [Fact]
    public async Task The_trace_of_a_stored_run_has_its_input_its_answer_and_what_plugins_contributed()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        await host.Api.RunAsync("ada", "first");
        var run = await host.Api.RunAsync("ada", """call remember {"fact":"tea"}""");

        var trace = await host.Api.GetAsync($"/v1/traces/{run["id"]}");

        Assert.Equal(("""call remember {"fact":"tea"}""", (string?)run["text"]), ((string?)trace["input"], (string?)trace["answer"]));
        var totals = trace["totals"]!;
        Assert.Equal((2, 1, 2, 4), ((int)totals["model_calls"]!, (int)totals["tool_calls"]!, (int)totals["messages_loaded"]!, (int)totals["messages_stored"]!));
        Assert.Equal((long)run["usage"]!["input_tokens"]!, (long)totals["input_tokens"]!);
        Assert.Contains("remember", Attribute(Flat(trace["root"]!).Single(s => (string?)s["name"] == "memory context.provide"), "pluginhost.context.tools"), StringComparison.Ordinal);
        using (await host.Api.Http.DeleteAsync("/v1/sessions/ada"))
        {
        }

        await host.Api.GetAsync($"/v1/traces/{run["id"]}", System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_tenant_finds_its_own_traces_and_an_admin_those_of_all()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder));
        const string Chat = """{"model":"assistant","messages":[{"role":"user","content":"hi"}]}""";
        var completion = await host.CallAsync(Keys.Acme, "POST", "/v1/chat/completions", Chat);
        var run = await host.CallAsync(Keys.Acme, "POST", "/v1/sessions/ada/runs", """{"input":"my secret"}""");
        foreach (var (_, body) in new[] { completion, run })
        {
            var path = $"/v1/traces/{JsonNode.Parse(body)!["id"]}";
            Assert.Equal(200, (await host.CallAsync(Keys.Acme, "GET", path)).Status);
            Assert.Equal(404, (await host.CallAsync(Keys.Globex, "GET", path)).Status);
            var (status, seen) = await host.CallAsync(Keys.Admin, "GET", path);
            Assert.Equal((200, false), (status, seen.Contains("my secret", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_host_that_keeps_no_traces_names_the_setting_in_the_error()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ("Telemetry__KeptTraces", "0"));
        var run = await host.Api.RunAsync("ada", "hi");

        var problem = await host.Api.GetAsync($"/v1/sessions/ada/runs/{run["id"]}/trace", System.Net.HttpStatusCode.NotFound);

        Assert.Equal("/problems/trace-not-kept", (string?)problem["type"]);
        Assert.Contains("Telemetry:KeptTraces", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_prints_the_trace_of_one_run_and_deletes_its_session()
    {
        using var folder = WorkFolder.CreateShipped();
        var (code, output, errors) = await RunningHost.RunAsync(
            folder, ["trace", "--warm-up", "1", """call remember {"fact":"tea"}"""], ("OTEL_TRACES_EXPORTER", "console"));

        Assert.Equal((0, false), (code, output.Contains('\u001b')));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches("^run      run_[0-9a-f]+ completed$", lines[0]);
        Assert.Equal("agent    assistant", lines[1]);
        Assert.StartsWith("session  ses_", lines[2], StringComparison.Ordinal);
        Assert.Equal("""input    call remember {"fact":"tea"}""", lines[3]);
        Assert.StartsWith("answer   ", lines[4], StringComparison.Ordinal);
        Assert.Matches(@"^totals   \d+\.\d{3} ms · \d+ tokens in, \d+ out · 2 model calls · 1 tool call ·$", lines[5]);
        Assert.All(lines, l => Assert.InRange(l.Length, 1, 80));
        Assert.Contains(lines, l => System.Text.RegularExpressions.Regex.IsMatch(l, @"^assistant run +0\.000 +\d+\.\d{3} +\d+ tokens in, \d+ out$"));
        Assert.Contains(lines, l => l.StartsWith("│  ├─ execute_tool remember", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("tokens in", StringComparison.Ordinal));
        Assert.Equal("The session of this run was deleted: 4 by sqlite-history, 2 by sqlite-sessions.", errors.Trim());
        await using var host = await RunningHost.StartAsync(folder);
        Assert.Empty(await host.Api.ListAsync("/v1/sessions"));
    }

    [Fact]
    public async Task The_command_can_continue_a_session_and_reports_that_it_stored_the_run()
    {
        using var folder = WorkFolder.CreateShipped();
        var (code, output, errors) = await RunningHost.RunAsync(folder, ["trace", "--agent", "assistant", "--session", "ada", "--json", "hello"]);

        Assert.Equal((0, "The run is stored in session ada."), (code, errors.Trim()));
        Assert.Equal("ada", (string?)JsonNode.Parse(output)!["session_id"]);
        await using var host = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: again (2 earlier messages)", await host.Api.AskAsync("ada", "again"));
    }

    [Fact]
    public async Task The_command_prints_the_trace_of_a_failed_run_and_exits_with_1()
    {
        await using var model = await FakeModel.StartAsync(new ModelReply { Status = 400, Error = "no such model" });
        using var folder = WorkFolder.CreateShipped();
        var (code, output, errors) = await RunningHost.RunAsync(folder, ["trace", "hi"], ModelVariables.Create(model));

        Assert.Equal(1, code);
        Assert.Contains("error model_request_rejected", output, StringComparison.Ordinal);
        Assert.Contains("The run failed (model_request_rejected)", errors, StringComparison.Ordinal);
        Assert.Contains("was deleted", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_rejects_an_unknown_agent_an_invalid_session_id_and_invalid_settings()
    {
        using var folder = WorkFolder.CreateShipped();
        StartupFailure.Check(await RunningHost.RunAsync(folder, ["trace", "--agent", "unknown", "hi"]), "no agent 'unknown'", "assistant");
        StartupFailure.Check(await RunningHost.RunAsync(folder, ["trace", "--session", "a b", "hi"]), "'a b' is not a valid id");
        StartupFailure.Check(await RunningHost.RunAsync(folder, ["trace", "hi", "--Sessions:QueueLimit=0"]), "Sessions:QueueLimit");
    }

    private static async Task<JsonNode> RootAsync(RunningHost host, string run) =>
        (await host.Api.GetAsync($"/v1/sessions/ada/runs/{run}/trace"))["root"]!;

    private static IEnumerable<JsonNode> Flat(JsonNode span) => span["spans"]!.AsArray().SelectMany(s => Flat(s!)).Prepend(span);

    private static string? Attribute(JsonNode span, string name) => span["attributes"]![name]?.ToString();

    private static List<string> Draw(JsonNode span) =>
        [(string)span["name"]!, .. span["spans"]!.AsArray().SelectMany(child => Draw(child!)).Select(name => "." + name)];
}
