using System.Diagnostics;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>
/// Listens to the spans of the host, exported or not, and adds those of each ended run to the kept traces. When none are kept, it
/// does not listen. Thread-safe.
/// </summary>
internal sealed class RunTraceListener : IDisposable
{
    private const string RecordProperty = "pluginhost.recorded_run";

    private readonly ActivitySource _source;
    private readonly KeptTraces _traces;
    private readonly TraceRateLimiter _rate;
    private readonly ActivityListener? _listener;

    /// <param name="source">The source of this host. Spans of other hosts in the process are ignored.</param>
    /// <param name="traces">The kept traces.</param>
    /// <param name="rate">Limits the number of recorded runs per second.</param>
    public RunTraceListener(ActivitySource source, KeptTraces traces, TraceRateLimiter rate)
    {
        (_source, _traces, _rate) = (source, traces, rate);
        if (traces.Capacity == 0) return;
        _listener = new ActivityListener
        {
            ShouldListenTo = s => s == source || s.Name == Scopes.GenAI || s.Name.StartsWith(Scopes.PluginPrefix, StringComparison.Ordinal),
            Sample = Sample,
            ActivityStarted = OnStarted,
            ActivityStopped = OnStopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener?.Dispose();

    /// <summary>Samples only spans of runs.</summary>
    private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options) =>
        ShouldRecord(options.Source, options.Name) ? ActivitySamplingResult.AllData : ActivitySamplingResult.None;

    private bool ShouldRecord(ActivitySource source, string name) =>
        IsRun(source, name) ? _rate.CanAcquire : FindRun(Activity.Current) is not null;

    private void OnStarted(Activity activity)
    {
        if (!IsRun(activity.Source, activity.OperationName)) FindRun(activity.Parent)?.Start(activity);
        // Acquire here and not in Sample: an exported run starts even when this listener does not sample it.
        else if (_rate.TryAcquire()) activity.SetCustomProperty(RecordProperty, new RecordedRun(activity));
    }

    private void OnStopped(Activity activity)
    {
        if (FindRun(activity)?.Stop(activity) is { } trace) _traces.Add(trace);
    }

    private RecordedRun? FindRun(Activity? activity)
    {
        while (activity is not null && !IsRun(activity.Source, activity.OperationName)) activity = activity.Parent;
        return activity?.GetCustomProperty(RecordProperty) as RecordedRun;
    }

    private bool IsRun(ActivitySource source, string name) => source == _source && name == SpanNames.Run;
}
