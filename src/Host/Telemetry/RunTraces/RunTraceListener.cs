using System.Diagnostics;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Metrics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>
/// Listens to the spans of runs, exported or not, and adds those of each ended run to the kept traces. When none are kept, it
/// does not listen. Thread-safe.
/// </summary>
internal sealed class RunTraceListener : IDisposable
{
    private readonly ActivitySource _source;
    private readonly KeptTraces _traces;
    private readonly TraceRateLimiter _rate;
    private readonly ActivityListener? _listener;

    /// <param name="instruments">The sources of this host. Spans of other hosts in the process are ignored.</param>
    /// <param name="traces">The kept traces.</param>
    /// <param name="rate">Limits the number of recorded runs per second.</param>
    public RunTraceListener(TelemetryInstruments instruments, KeptTraces traces, TraceRateLimiter rate)
    {
        (_source, _traces, _rate) = (instruments.Source, traces, rate);
        if (traces.Capacity == 0) return;
        _listener = new ActivityListener
        {
            ShouldListenTo = s => s == instruments.Source || s == instruments.Models.Source || s.Name.StartsWith(Scopes.PluginPrefix, StringComparison.Ordinal),
            Sample = Sample,
            ActivityStarted = OnStarted,
            ActivityStopped = OnStopped,
        };
        ActivitySource.AddActivityListener(_listener);
        instruments.KeptRuns = rate;
    }

    public void Dispose() => _listener?.Dispose();

    /// <summary>Samples only spans of runs.</summary>
    private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options)
    {
        var isRecorded = IsRun(options.Source, options.Name) ? _rate.CanAcquire : FindRun(Activity.Current) is not null;
        return isRecorded ? ActivitySamplingResult.AllData : ActivitySamplingResult.None;
    }

    private void OnStarted(Activity activity)
    {
        if (!IsRun(activity.Source, activity.OperationName)) FindRun(activity.Parent)?.Start(activity);
        // Acquire here and not in Sample: an exported run starts even when this listener does not sample it.
        else if (_rate.TryAcquire()) _ = new RecordedRun(activity, _traces);
    }

    private void OnStopped(Activity activity) => FindRun(activity)?.Stop(activity);

    // Most spans are of runs that are not recorded: when none is, there is nothing to look for.
    private RecordedRun? FindRun(Activity? activity) => _traces.HasOpen && RecordedRun.Find(activity) is { } run && run.Source == _source ? run : null;

    private bool IsRun(ActivitySource source, string name) => source == _source && name == SpanNames.OpenRun;
}
