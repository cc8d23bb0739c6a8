using Microsoft.Extensions.AI;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;
using PluginHost.Telemetry.Spans;
using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class RunMetricTests
{
    [Fact]
    public async Task Each_metric_has_the_value_of_what_happened()
    {
        var points = await PointsOfAsync(async host =>
        {
            host.Observer.ObserveContexts(() => new Dictionary<string, LoadedContexts> { ["memory"] = new(2, 4096) });
            host.Observer.ObserveParkedRuns(() => 3);
            foreach (var recovery in new[] { Recovery.Resumed, Recovery.Lost, Recovery.Resumed, Recovery.Kept })
                host.Observer.RecoverRun(new ObservedRun(new("tenant-1", "session-1"), "run-1", "assistant"), recovery);
            await RunSpanTests.RunAsync(host);
            await RunSpanTests.RunAsync(host);
        });

        // Nine calls of 10 ms each, from the session's load to its save.
        var run = Find(points, "pluginhost.run.duration", ("gen_ai.agent.name", "assistant"), ("pluginhost.run.outcome", "completed"));
        Assert.Equal((2, 0.18, "s"), (run.Count, Math.Round(run.Value, 6), run.Unit));
        Assert.Equal(0, Find(points, "pluginhost.run.active", ("gen_ai.agent.name", "assistant")).Value);
        Assert.Equal(0, Find(points, "pluginhost.session.active", ("gen_ai.agent.name", "assistant")).Value);

        Assert.Equal([2, 1, 1], new[] { "resumed", "lost", "kept" }.Select(how =>
            Find(points, "pluginhost.run.recovered", ("gen_ai.agent.name", "assistant"), ("pluginhost.run.recovery", how)).Value));
        Assert.Equal(3, Find(points, "pluginhost.run.parked").Value);

        var load = Find(points, "pluginhost.plugin.call.duration", Call("sqlite-history", "history", "load"));
        Assert.Equal((2, 0.02), (load.Count, Math.Round(load.Value, 6)));
        Assert.Equal(0.0001, load.Bounds[0]);
        // A run may wait for as long as others run.
        Assert.Equal(600, Find(points, "pluginhost.run.queue.duration", ("gen_ai.agent.name", "assistant")).Bounds.Max());
        var middleware = Find(points, "pluginhost.plugin.call.duration", Call("audit", "run_middleware", "invoke"));
        Assert.Equal((2, 0.02), (middleware.Count, Math.Round(middleware.Value, 6)));
        Assert.Equal(2, Find(points, "pluginhost.plugin.call.duration", [.. Call("memory", "context", "provide"), ("error.type", "plugin_timeout")]).Count);
        Assert.Equal(2, Find(points, "pluginhost.session.operation.duration", ("pluginhost.operation", "save")).Count);

        var messages = Find(points, "pluginhost.history.messages", ("pluginhost.plugin.name", "sqlite-history"), ("pluginhost.operation", "load"));
        Assert.Equal((2, 8, "{message}"), (messages.Count, messages.Value, messages.Unit));
        Assert.Equal(2, Find(points, "pluginhost.plugin.contexts", ("pluginhost.plugin.folder", "memory")).Value);
        Assert.Equal(4096, Find(points, "pluginhost.plugin.context.size", ("pluginhost.plugin.folder", "memory")).Value);
    }

    [Fact]
    public async Task A_plugins_own_meter_is_exported()
    {
        var points = await PointsOfAsync(host =>
        {
            var plugins = host.Services.GetRequiredService<PluginTelemetry>();
            Assert.Same(plugins.GetMeter("memory"), plugins.GetMeter("memory"));
            plugins.GetMeter("memory").CreateCounter<int>("memory.facts").Add(3);
            return Task.CompletedTask;
        });

        var point = Assert.Single(points, p => p.Name == "memory.facts");
        Assert.Equal(("PluginHost.Plugin.memory", 3), (point.Scope, point.Value));
    }

    [Fact]
    public async Task Tokens_are_counted_once_per_model_call()
    {
        var points = await PointsOfAsync(host => RunSpanTests.RunAsync(host));

        var tokens = points.Where(p => p.Name == "gen_ai.client.token.usage").ToList();
        Assert.Equal(20, Assert.Single(tokens, t => Equals(t.Attributes["gen_ai.token.type"], "input")).Value);
        Assert.Equal(6, Assert.Single(tokens, t => Equals(t.Attributes["gen_ai.token.type"], "output")).Value);
        Assert.Equal(2, Assert.Single(points, p => p.Name == "gen_ai.client.operation.duration").Count);
        Assert.All(tokens, t => Assert.Equal("assistant", t.Attributes["gen_ai.agent.name"]));
    }

    [Fact]
    public async Task A_tools_calls_are_measured_by_its_name_and_names_beyond_a_limit_are_one()
    {
        var points = await PointsOfAsync(async host =>
        {
            await RunSpanTests.RunAsync(host);
            for (var i = 0; i < 300; i++)
            {
                var operation = new ObservedOperation(HostOperation.ToolCall) { Plugin = ScriptedRun.Memory.Observed, Tool = new($"tool-{i}", "", "call-1") };
                host.Observer.End(host.Observer.Begin(operation), operation, default);
            }
        });

        var tools = points.Where(p => p.Name == "gen_ai.execute_tool.duration").ToList();
        var remember = Assert.Single(tools, t => Equals(t.Attributes["gen_ai.tool.name"], "remember"));
        Assert.Equal((1, "memory", "assistant"), (remember.Count, remember.Attributes["pluginhost.plugin.name"], remember.Attributes["gen_ai.agent.name"]));
        Assert.Equal(101, Assert.Single(tools, t => Equals(t.Attributes["gen_ai.tool.name"], "_OTHER")).Count);
        Assert.Equal(201, tools.Count);
    }

    [Fact]
    public async Task No_attribute_grows_with_what_clients_send()
    {
        var points = await PointsOfAsync(host => RunSpanTests.RunAsync(host));

        var values = points.SelectMany(p => p.Attributes.Values).ToList();
        Assert.DoesNotContain("session-1", values);
        Assert.DoesNotContain("tenant-1", values);
        Assert.DoesNotContain("run-1", values);
    }

    [Fact]
    public async Task A_slow_buckets_exemplar_leads_to_the_trace()
    {
        ScriptedRun? run = null;
        var points = await PointsOfAsync(async host => run = await RunSpanTests.RunAsync(host));

        Assert.Contains(run!.TraceParent!.Split('-')[1], points.Where(p => p.Name == "pluginhost.run.duration").SelectMany(p => p.Exemplars));
        Assert.Contains(run.TraceParent!.Split('-')[1], points.Where(p => p.Name == "pluginhost.plugin.call.duration").SelectMany(p => p.Exemplars));
    }

    [Fact]
    public async Task Runs_and_sessions_in_progress_are_counted_apart()
    {
        var points = await PointsOfAsync(host =>
        {
            ObservedRun[] runs =
            [
                new(new("t", "one"), "r1", "assistant"), new(new("t", "one"), "r2", "assistant"), new(new("t", "two"), "r3", "assistant"),
            ];
            var states = runs.Select(host.Observer.BeginRun).ToList();
            foreach (var (run, state) in runs.Zip(states)) host.Observer.AcceptRun(state, run);
            host.Observer.EndRun(states[1], runs[1], new() { Id = "r2", Session = runs[1].Session, Agent = "assistant", Status = RunStatus.Cancelled, CreatedAt = default });
            return Task.CompletedTask;
        });

        Assert.Equal(2, Find(points, "pluginhost.run.active", ("gen_ai.agent.name", "assistant")).Value);
        Assert.Equal(2, Find(points, "pluginhost.session.active", ("gen_ai.agent.name", "assistant")).Value);
    }

    [Fact]
    public async Task A_run_that_waits_for_its_turn_is_not_active()
    {
        var points = await PointsOfAsync(host =>
        {
            ObservedRun[] runs = [new(new("t", "one"), "r1", "assistant"), new(new("t", "one"), "r2", "assistant")];
            var states = runs.Select(host.Observer.BeginRun).ToList();
            host.Observer.AcceptRun(states[0], runs[0]);
            return Task.CompletedTask;
        });

        Assert.Equal(1, Find(points, "pluginhost.run.active", ("gen_ai.agent.name", "assistant")).Value);
    }

    [Fact]
    public async Task Model_metrics_continue_for_the_others_when_one_client_is_disposed()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync(receiver, ("OTEL_METRIC_EXPORT_INTERVAL", "60000"));
        var old = host.Observer.Observe(new StubModel(), "assistant");
        var current = host.Observer.Observe(new StubModel(), "assistant");
        var metrics = host.Services.GetRequiredService<OpenTelemetry.Metrics.MeterProvider>();

        await old.GetResponseAsync("hi");
        old.Dispose();
        OpenTelemetry.Metrics.MeterProviderExtensions.ForceFlush(metrics);
        await current.GetResponseAsync("hi");
        OpenTelemetry.Metrics.MeterProviderExtensions.ForceFlush(metrics);
        await current.GetResponseAsync("hi");
        await host.StopAsync();

        Assert.Equal(3, Assert.Single(receiver.Received.Points, p => p.Name == "gen_ai.client.operation.duration").Count);
    }

    private static (string, object)[] Call(string plugin, string kind, string operation) =>
        [("pluginhost.plugin.name", plugin), ("pluginhost.plugin.kind", kind), ("pluginhost.operation", operation)];

    private static async Task<IReadOnlyList<ReceivedPoint>> PointsOfAsync(Func<TelemetryHost, Task> act)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync(receiver);
        await act(host);
        await host.StopAsync();
        return receiver.Received.Points;
    }

    private static ReceivedPoint Find(IReadOnlyList<ReceivedPoint> points, string name, params (string Key, object Value)[] attributes) =>
        Assert.Single(points, p => p.Name == name && p.Attributes.Count == attributes.Length
            && attributes.All(a => p.Attributes.TryGetValue(a.Key, out var value) && Equals(value, a.Value)));
}
