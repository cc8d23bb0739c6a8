using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Observation;
using PluginHost.Native.Resources;
using PluginHost.Sdk;
using PluginHost.Telemetry.Metrics;
using PluginHost.Telemetry.RunTraces;
using PluginHost.Telemetry.Spans;
using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class RunTraceTests
{
    [Fact]
    public async Task A_run_is_kept_as_one_tree_without_any_export()
    {
        var trace = await KeptAsync(new StubModel());

        Assert.Equal(SpanTree.OfARun, Draw(trace.Root));
        Assert.Equal(("run-1", "session-1", "assistant"), (trace.RunId, trace.SessionId, trace.Agent));
    }

    [Fact]
    public async Task Spans_tell_times_own_times_and_what_was_done()
    {
        var trace = await KeptAsync(new StubModel());

        var all = Flat(trace.Root).ToList();
        Assert.All(all, s => Assert.InRange(s.StartMs, 0, trace.DurationMs));
        Assert.All(all, s => Assert.All(s.Spans, c => Assert.True(c.StartMs >= s.StartMs && c.DurationMs <= s.DurationMs)));
        Assert.Equal(10, Find(all, "audit middleware").OwnTimeMs);
        var skipped = Find(all, "memory context.provide");
        Assert.Equal(("error", "plugin_timeout"), (skipped.Status, skipped.ErrorType));
        Assert.True((bool)skipped.Attributes["pluginhost.plugin.skipped"]!);
        Assert.Equal(4, (int)Find(all, "sqlite-history history.load").Attributes["pluginhost.message.count"]!);
        Assert.Equal(10, (long)all.First(s => s.Name == "chat stub-1").Attributes["gen_ai.usage.input_tokens"]!);
        Assert.Equal("memory", (string?)trace.Root.Attributes["pluginhost.run.skipped"]);
    }

    [Fact]
    public async Task A_failed_run_shows_where_it_failed()
    {
        var trace = await KeptAsync(new StubModel { Error = new InvalidOperationException("secret") });

        string[] failed = ["assistant run", "memory context.provide", "chat stub-1"];
        Assert.Equal(failed, Flat(trace.Root).Where(s => s.Status == "error").Select(s => s.Name));
        Assert.Equal("model_error", trace.Root.ErrorType);
    }

    [Fact]
    public async Task Content_is_never_kept_even_when_it_is_exported()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync(receiver, ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"));
        using var ring = RingOf(host, 1);

        await RunSpanTests.RunAsync(host);
        await RunSpanTests.RunAsync(host, new StubModel { Error = new InvalidOperationException("private") });

        var text = string.Join('\n', Flat(ring.Find("run-1")!.Root).Select(s => s.Attributes.ToJsonString()));
        Assert.DoesNotContain("private", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sampling_decides_what_is_exported_and_not_what_is_kept()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync(receiver, ("OTEL_TRACES_SAMPLER", "always_off"));
        using var ring = RingOf(host, 1);

        var run = await RunSpanTests.RunAsync(host);
        await host.StopAsync();

        Assert.Empty(receiver.Received.Spans);
        Assert.Null(run.TraceParent);
        Assert.Equal(14, Flat(ring.Find("run-1")!.Root).Count());
    }

    [Fact]
    public async Task The_oldest_run_makes_room_and_a_later_attempt_replaces_the_one_before()
    {
        await using var host = await TelemetryHost.StartAsync([]);
        using var ring = RingOf(host, 2);

        foreach (var (id, attempt) in new[] { ("a", 1), ("b", 1), ("b", 2), ("c", 1) }) Run(host, id, attempt);

        Assert.Null(ring.Find("a"));
        Assert.Equal(2, (int)ring.Find("b")!.Root.Attributes["pluginhost.run.attempt"]!);
        Assert.NotNull(ring.Find("c"));
        Run(host, "d", 1);
        Assert.Null(ring.Find("b"));
    }

    [Fact]
    public async Task A_run_with_too_many_spans_and_too_much_text_is_cut_and_says_so()
    {
        await using var host = await TelemetryHost.StartAsync([]);
        using var ring = RingOf(host, 1);
        var plugin = host.Services.GetRequiredService<PluginTelemetry>().GetSource("chatty");

        Run(host, "a", 1, () =>
        {
            for (var i = 0; i < 400; i++)
            {
                using var span = plugin.StartActivity("outer");
                using var inner = plugin.StartActivity("inner");
                inner!.SetTag("text", new string('x', 100_000)).SetTag("other", new Hostile());
            }
        });

        var trace = ring.Find("a")!;
        var spans = Flat(trace.Root).ToList();
        Assert.Equal((256, 801 - 256), (spans.Count, trace.DroppedSpans));
        Assert.Equal("outer", trace.Root.Spans[^1].Name);
        Assert.Equal(1024, spans[2].Attributes["text"]!.ToString().Length);
        Assert.Equal("Hostile", spans[2].Attributes["other"]!.ToString());
        Assert.Equal(2, spans[^2].DroppedAttributes);
        Assert.True(spans.Sum(s => s.Attributes.ToJsonString().Length) < 256 * 1024);
    }

    [Fact]
    public async Task What_a_plugin_leaves_running_is_shown_open_and_what_it_begins_later_is_not_shown()
    {
        await using var host = await TelemetryHost.StartAsync([]);
        using var ring = RingOf(host, 1);
        var plugin = host.Services.GetRequiredService<PluginTelemetry>().GetSource("late");
        Activity? left = null;

        Run(host, "a", 1, () => left = plugin.StartActivity("left"));
        Activity.Current = left;
        plugin.StartActivity("later")?.Dispose();
        left!.Dispose();

        var span = Assert.Single(ring.Find("a")!.Root.Spans);
        Assert.Equal(("left", "open", null), (span.Name, span.Status, span.DurationMs));
        Activity.Current = null;
    }

    [Fact]
    public async Task Without_a_capacity_nothing_listens_and_outside_runs_no_span_is_made()
    {
        await using var host = await TelemetryHost.StartAsync([]);
        using (RingOf(host, 0)) Assert.False(host.Observer.IsEnabled);

        using var ring = RingOf(host, 1);
        Assert.Null(host.Services.GetRequiredService<TelemetryInstruments>().Source.StartActivity("pluginhost.session.create"));
        Assert.Null(host.Services.GetRequiredService<PluginTelemetry>().GetSource("idle").StartActivity("sweep"));
    }

    [Fact]
    public async Task Of_the_runs_of_one_second_so_many_are_recorded_and_the_others_make_no_span()
    {
        await using var host = await TelemetryHost.StartAsync([]);
        var time = new FakeTimeProvider();
        using var ring = RingOf(host, 10, new TraceRateLimiter(time, 2));

        Run(host, "a", 1);
        Run(host, "b", 1);
        Assert.False(host.Observer.ObservesNextRun);
        Assert.Null(host.Services.GetRequiredService<TelemetryInstruments>().Source.StartActivity("pluginhost.run"));
        time.Advance(TimeSpan.FromSeconds(1));
        Run(host, "c", 1);

        Assert.All(["a", "b", "c"], id => Assert.NotNull(ring.Find(id)));
    }

    private static Ring RingOf(TelemetryHost host, int capacity, TraceRateLimiter? rate = null) =>
        new(host.Services.GetRequiredService<TelemetryInstruments>(), new KeptTraces(capacity), rate ?? new(TimeProvider.System, int.MaxValue));

    private static async Task<TraceResource> KeptAsync(StubModel model)
    {
        await using var host = await TelemetryHost.StartAsync([]);
        using var ring = RingOf(host, 1);
        await RunSpanTests.RunAsync(host, model);
        return ring.Find("run-1")!;
    }

    private static void Run(TelemetryHost host, string id, int attempt, Action? inside = null)
    {
        var run = new ObservedRun(new("default", "s"), id, "assistant") { Attempt = attempt };
        var state = host.Observer.BeginRun(run);
        host.Observer.AcceptRun(state, run);
        inside?.Invoke();
        host.Observer.EndRun(state, run, new RunRecord { Id = id, Session = run.Session, Agent = run.Agent, Status = RunStatus.Completed, CreatedAt = DateTimeOffset.UnixEpoch });
    }

    /// <summary>Records runs, and shows them as the API does.</summary>
    private sealed class Ring(TelemetryInstruments instruments, KeptTraces traces, TraceRateLimiter rate) : IDisposable
    {
        private readonly RunTraceListener _listener = new(instruments, traces, rate);

        public TraceResource? Find(string runId) => traces.Find(null, runId) is { } trace ? TraceResource.From(trace) : null;

        public void Dispose() => _listener.Dispose();
    }

    private sealed class Hostile : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => throw new InvalidOperationException("no text");

        public override string ToString() => throw new InvalidOperationException("no text");
    }

    private static IEnumerable<SpanResource> Flat(SpanResource span) => span.Spans.SelectMany(Flat).Prepend(span);

    private static IEnumerable<string> Draw(SpanResource span) => span.Spans.SelectMany(Draw).Select(n => "." + n).Prepend(span.Name);

    private static SpanResource Find(IEnumerable<SpanResource> spans, string name) => Assert.Single(spans, s => s.Name == name);
}
