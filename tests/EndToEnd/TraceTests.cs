using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd;

/// <summary>The trace of a run without a telemetry backend: from the API and from the trace command.</summary>
public sealed class TraceTests
{
    private static readonly string[] Completed =
    [
        "pluginhost.run",
        ".pluginhost.session.load",
        ".invoke_agent assistant",
        "..pluginhost.history.load sqlite-history",
        "..pluginhost.context.provide memory",
        "..chat echo",
        "..execute_tool remember",
        "..chat echo",
        ".pluginhost.context.observe memory",
        ".pluginhost.session.save",
        ".pluginhost.history.append sqlite-history",
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
            Assert.DoesNotContain("tea", trace.ToJsonString(), StringComparison.Ordinal);
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
        Assert.Contains(".pluginhost.context.observe memory", Draw(failed));

        var background = new JsonObject { ["input"] = "hi", ["background"] = true };
        var running = await host.Api.PostAsync("/v1/sessions/ada/runs", background.DeepClone(), System.Net.HttpStatusCode.Accepted);
        await hold.Reached;
        var early = await host.Api.GetAsync($"/v1/sessions/ada/runs/{running["id"]}/trace", System.Net.HttpStatusCode.NotFound);
        Assert.Contains("has not ended yet", (string?)early["detail"], StringComparison.Ordinal);
        await host.Api.PostAsync($"/v1/sessions/ada/runs/{running["id"]}/cancel");
        var cancelled = await RootAsync(host, (string)running["id"]!);
        Assert.Equal("cancelled", Attribute(cancelled, "pluginhost.run.outcome"));
        Assert.Contains(".pluginhost.history.append sqlite-history", Draw(cancelled));

        var done = await host.Api.PostAsync("/v1/sessions/ada/runs", background, System.Net.HttpStatusCode.Accepted);
        await host.Api.RunAsync("ada", "after it");
        var ended = await RootAsync(host, (string)done["id"]!);
        Assert.Equal("completed", Attribute(ended, "pluginhost.run.outcome"));
        Assert.Equal([".pluginhost.session.save", ".pluginhost.history.append sqlite-history"], Draw(ended).TakeLast(2));
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
        Assert.Contains(" completed · agent assistant · session ses_", lines[0], StringComparison.Ordinal);
        Assert.Equal(2 + Completed.Length, lines.Length);
        Assert.Matches(@"^pluginhost\.run +0\.000 +\d+\.\d{3} +\d+ tokens in, \d+ out$", lines[2]);
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

    private static string? Attribute(JsonNode span, string name) => span["attributes"]![name]?.ToString();

    private static List<string> Draw(JsonNode span) =>
        [(string)span["name"]!, .. span["spans"]!.AsArray().SelectMany(child => Draw(child!)).Select(name => "." + name)];
}
