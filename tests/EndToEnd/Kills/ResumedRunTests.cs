using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Kills;

/// <summary>What operators see of a run that a later process continues.</summary>
[Trait("Form", "Long")]
public sealed partial class ResumedRunTests
{
    private static readonly (string, string)[] Variables = [("OTEL_METRICS_EXPORTER", "prometheus"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "0")];

    [Fact]
    public async Task The_trace_of_a_resumed_run_shows_the_steps_that_were_reused_and_the_metrics_count_it()
    {
        await using var server = await LoopServer.StartAsync();
        using var folder = await LoopConfiguration.CreateFolderAsync("sqlite", server);
        var task = FindTask();
        var run = new LoopRun("s", task, LoopMode.Background);
        // The first call of the second step has acted when the host is killed.
        var reused = task.Steps[0].Calls.Count;
        await LoseAsync(folder, server, run, new KillTrigger(KillPoint.ToolActed, reused + 1));

        // A command in between takes no run over.
        var (code, _, errors) = await RunningHost.RunAsync(folder, ["trace", task.Input]);
        await using var host = await RunningHost.StartAsync(folder, Variables);
        await run.FinishAsync(host.Api, static _ => { });
        var trace = await host.Api.GetAsync($"/v1/traces/{run.Id}");
        await host.WaitForLogAsync(ServingMetrics());
        var metrics = await host.Api.Http.GetStringAsync(new Uri(ServingMetrics().Match(host.Output).Groups[1].Value));

        Assert.True(code == 0, errors);
        var root = trace["root"]!;
        Assert.Equal(("true", "2"), (Attribute(root, "pluginhost.run.resumed"), Attribute(root, "pluginhost.run.attempt")));
        var tools = Flat(root).Where(s => ((string)s["name"]!).StartsWith("execute_tool", StringComparison.Ordinal)).ToList();
        Assert.Equal(task.Steps.Sum(s => s.Calls.Count), tools.Count);
        Assert.All(tools.Take(reused), t => Assert.Equal("true", Attribute(t, "pluginhost.step.reused")));
        Assert.Equal("true", Attribute(tools[reused], "pluginhost.step.unknown"));
        Assert.All(tools.Skip(reused + 1), t => Assert.Null(Attribute(t, "pluginhost.step.reused") ?? Attribute(t, "pluginhost.step.unknown")));
        Assert.Equal((tools.Count - reused - 1, task.Steps.Count - 2), ((int)trace["totals"]!["tool_calls"]!, (int)trace["totals"]!["model_calls"]!));
        Assert.Matches("""(?m)^pluginhost_run_recovered_total\{.*gen_ai_agent_name="assistant".*pluginhost_run_recovery="resumed".*\} 1""", metrics);
    }

    /// <summary>A task of at least two steps with calls, of which the second begins with one that must act once.</summary>
    private static LoopTask FindTask() => Enumerable.Range(1, 100).Select(seed => new LoopTask("t", seed, HasStableIds: true)).First(t => t.Steps.Count > 2 && t.Steps[1].Calls[0].Tool == "charge");

    private static async Task LoseAsync(WorkFolder folder, LoopServer server, LoopRun run, KillTrigger trigger)
    {
        server.Trigger = trigger;
        await using var host = await RunningHost.StartAsync(folder, Variables);
        await run.SendAsync(host.Api, static _ => { });
        await trigger.Reached.WaitAsync(ChildProcess.TimeLimit);
        await host.KillAsync();
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"Serving metrics for Prometheus at (http://\S+/metrics)")]
    private static partial System.Text.RegularExpressions.Regex ServingMetrics();

    private static IEnumerable<JsonNode> Flat(JsonNode span) => span["spans"]!.AsArray().SelectMany(s => Flat(s!)).Prepend(span);

    private static string? Attribute(JsonNode span, string name) => span["attributes"]![name]?.ToJsonString().Trim('"');
}
