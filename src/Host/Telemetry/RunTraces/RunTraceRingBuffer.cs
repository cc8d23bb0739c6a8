using System.Diagnostics;
using PluginHost.Native;
using PluginHost.Native.Resources;
using PluginHost.Telemetry.Export;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>
/// Listens to the spans of the host, exported or not, and keeps those of the most recent runs. With capacity 0 it does not listen.
/// Thread-safe.
/// </summary>
internal sealed class RunTraceRingBuffer : IRunTraces, IDisposable
{
    private const string RecordProperty = "pluginhost.recorded_run";

    private readonly ActivitySource _source;
    private readonly TraceRateLimiter _rate;
    private readonly RecordedRun[] _runs;
    private readonly Dictionary<string, RecordedRun> _byId = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly ActivityListener? _listener;
    private int _next;

    /// <param name="source">The source of this host. Spans of other hosts in the process are ignored.</param>
    /// <param name="capacity">The number of runs to keep; 0 for none.</param>
    /// <param name="rate">Limits the number of recorded runs per second.</param>
    public RunTraceRingBuffer(ActivitySource source, int capacity, TraceRateLimiter rate)
    {
        (_source, _rate) = (source, rate);
        _runs = new RecordedRun[capacity];
        if (capacity == 0) return;
        _listener = new ActivityListener
        {
            ShouldListenTo = s => s == source || s.Name == Scopes.GenAI || s.Name.StartsWith(Scopes.PluginPrefix, StringComparison.Ordinal),
            Sample = Sample,
            ActivityStarted = OnStarted,
            ActivityStopped = OnStopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public int Capacity => _runs.Length;

    public TraceResource? Find(string runId)
    {
        RecordedRun? run;
        lock (_lock) run = _byId.GetValueOrDefault(runId);
        return run is null ? null : TraceTree.From(run);
    }

    public void Dispose() => _listener?.Dispose();

    /// <summary>Samples only spans of runs.</summary>
    private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options) =>
        ShouldRecord(options.Source, options.Name) ? ActivitySamplingResult.AllData : ActivitySamplingResult.None;

    private bool ShouldRecord(ActivitySource source, string name) =>
        IsRun(source, name) ? _rate.CanAcquire : name != HostSampler.DroppedSpan && FindRun(Activity.Current) is not null;

    private void OnStarted(Activity activity)
    {
        if (!IsRun(activity.Source, activity.OperationName)) FindRun(activity.Parent)?.Start(activity);
        // Acquire here and not in Sample: an exported run starts even when this listener does not sample it.
        else if (_rate.TryAcquire()) activity.SetCustomProperty(RecordProperty, new RecordedRun(activity));
    }

    private void OnStopped(Activity activity)
    {
        if (FindRun(activity) is not { } run) return;
        run.Stop(activity);
        if (IsRun(activity.Source, activity.OperationName) && run.Id is not null) Add(run, run.Id);
    }

    private void Add(RecordedRun run, string id)
    {
        lock (_lock)
        {
            // A later attempt has the same id and stays.
            if (_runs[_next] is { Id: { } oldId } oldest && _byId.GetValueOrDefault(oldId) == oldest) _byId.Remove(oldId);
            _byId[id] = _runs[_next] = run;
            _next = (_next + 1) % _runs.Length;
        }
    }

    private RecordedRun? FindRun(Activity? activity)
    {
        while (activity is not null && !IsRun(activity.Source, activity.OperationName)) activity = activity.Parent;
        return activity?.GetCustomProperty(RecordProperty) as RecordedRun;
    }

    private bool IsRun(ActivitySource source, string name) => source == _source && name == SpanNames.Run;
}
