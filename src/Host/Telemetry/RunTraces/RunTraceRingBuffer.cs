using System.Diagnostics;
using PluginHost.Native;
using PluginHost.Native.Resources;
using PluginHost.Telemetry.Export;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>
/// Listens to the host's own spans, whether they are exported or not, and keeps those of the runs that ended last. Without a
/// capacity it does not listen, and so costs nothing. Thread-safe.
/// </summary>
internal sealed class RunTraceRing : IRunTraces, IDisposable
{
    private const string RecordProperty = "pluginhost.recorded_run";

    private readonly ActivitySource _source;
    private readonly TraceRate _rate;
    private readonly RecordedRun[] _ring;
    private readonly Dictionary<string, RecordedRun> _byId = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly ActivityListener? _listener;
    private int _next;

    /// <param name="source">The host's own: spans of other hosts in the process are passed over.</param>
    /// <param name="capacity">How many runs are kept; 0 for none.</param>
    /// <param name="rate">How many may be recorded in a time.</param>
    public RunTraceRing(ActivitySource source, int capacity, TraceRate rate)
    {
        (_source, _rate) = (source, rate);
        _ring = new RecordedRun[capacity];
        if (capacity == 0) return;
        _listener = new ActivityListener
        {
            ShouldListenTo = s => s == source || s.Name == Scopes.GenAI || s.Name.StartsWith(Scopes.PluginPrefix, StringComparison.Ordinal),
            Sample = Sample,
            ActivityStarted = Started,
            ActivityStopped = Stopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public int Capacity => _ring.Length;

    public TraceResource? Find(string runId)
    {
        RecordedRun? run;
        lock (_lock) run = _byId.GetValueOrDefault(runId);
        return run is null ? null : TraceTree.Of(run);
    }

    public void Dispose() => _listener?.Dispose();

    /// <summary>What is outside a run is not wanted, and not made when nobody else wants it.</summary>
    private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options) =>
        IsWanted(options.Source, options.Name) ? ActivitySamplingResult.AllData : ActivitySamplingResult.None;

    private bool IsWanted(ActivitySource source, string name) =>
        IsRun(source, name) ? _rate.HasRoom : name != HostSampler.DroppedSpan && RunOf(Activity.Current) is not null;

    private void Started(Activity activity)
    {
        if (!IsRun(activity.Source, activity.OperationName)) RunOf(activity.Parent)?.Start(activity);
        // Taken here, because a run that is exported begins whether it is wanted here or not.
        else if (_rate.TryTake()) activity.SetCustomProperty(RecordProperty, new RecordedRun(activity));
    }

    private void Stopped(Activity activity)
    {
        if (RunOf(activity) is not { } run) return;
        run.Stop(activity);
        if (IsRun(activity.Source, activity.OperationName) && run.Id is not null) Keep(run, run.Id);
    }

    private void Keep(RecordedRun run, string id)
    {
        lock (_lock)
        {
            // A later attempt has the same id, and is the one to show.
            if (_ring[_next] is { Id: { } oldId } oldest && _byId.GetValueOrDefault(oldId) == oldest) _byId.Remove(oldId);
            _byId[id] = _ring[_next] = run;
            _next = (_next + 1) % _ring.Length;
        }
    }

    private RecordedRun? RunOf(Activity? activity)
    {
        while (activity is not null && !IsRun(activity.Source, activity.OperationName)) activity = activity.Parent;
        return activity?.GetCustomProperty(RecordProperty) as RecordedRun;
    }

    private bool IsRun(ActivitySource source, string name) => source == _source && name == SpanNames.Run;
}
