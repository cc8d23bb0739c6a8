using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry;
using PluginHost.Telemetry.Metrics;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class NoListenerTests
{
    private static readonly ObservedRun Run = new(new("tenant", "session"), "run", "assistant");

    [Fact]
    public async Task Without_a_collector_nothing_listens_and_a_plugin_call_allocates_nothing()
    {
        await using var host = await TelemetryHost.StartAsync([]);
        Assert.Null(host.Services.GetService<OpenTelemetry.Trace.TracerProvider>());
        Assert.Null(host.Services.GetService<OpenTelemetry.Metrics.MeterProvider>());
        var observer = host.Observer;
        Assert.False(observer.IsEnabled);
        Observe(observer);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Observe(observer);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Without_a_listener_a_model_call_goes_past_the_telemetry_around_it()
    {
        using var instruments = new TelemetryInstruments();
        var model = new StubModel();
        using var observed = new TelemetryObserver(instruments, TimeProvider.System).Observe(model, "assistant");
        var direct = observed.GetStreamingResponseAsync([]).GetType();
        using var listener = new ActivityListener { ShouldListenTo = s => s.Name == TelemetryNames.Scopes.GenAI };
        ActivitySource.AddActivityListener(listener);

        Assert.Equal(model.GetStreamingResponseAsync([]).GetType(), direct);
        Assert.NotEqual(observed.GetStreamingResponseAsync([]).GetType(), direct);
    }

    [Fact]
    public async Task A_run_that_is_not_observed_runs_the_same()
    {
        await using var host = await TelemetryHost.StartAsync([]);

        var run = await RunSpanTests.RunAsync(host);

        Assert.Null(run.TraceParent);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task Metrics_alone_work_and_make_no_spans()
    {
        var calls = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == TelemetryNames.MetricNames.PluginCallDuration) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => calls++);
        listener.Start();
        await using var host = await TelemetryHost.StartAsync([]);

        await RunSpanTests.RunAsync(host);

        Assert.Equal(6, calls);
    }

    private static void Observe(HostObserver observer)
    {
        var operation = new ObservedOperation(HostOperation.HistoryLoad) { Run = Run, Plugin = ScriptedRun.History.Observed };
        var state = observer.IsEnabled ? observer.Begin(operation) : null;
        observer.End(state, operation, new() { Messages = 2 });
        var call = observer.Begin(operation);
        observer.End(call, operation, default);
        observer.BeginRun(Run);
        observer.GetTraceParent(null);
    }
}
