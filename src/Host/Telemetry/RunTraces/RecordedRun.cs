using System.Collections.ObjectModel;
using System.Diagnostics;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>
/// The spans of one run in the order of their starts, so that parents precede children. Spans above the limit are the last ones of the
/// run, so the tree stays complete above them. Thread-safe.
/// </summary>
internal sealed class RecordedRun : IOpenTrace
{
    /// <summary>The maximum number of spans of a run.</summary>
    public const int MaxSpans = 256;

    /// <summary>The approximate maximum memory for the spans of a run. Attributes above it are dropped.</summary>
    public const int MaxBytes = 256 * 1024;

    private const string Property = "pluginhost.recorded_run";

    private readonly List<RecordedSpan> _spans = new(16);
    private readonly Lock _lock = new();
    private readonly Activity _root;
    private readonly KeptTraces _traces;
    private ObservedRun? _run;
    private RunRecord? _record;
    private int _bytes;
    private int _dropped;
    private bool _hasEnded;

    public RecordedRun(Activity root, KeptTraces traces)
    {
        (_root, _traces) = (root, traces);
        Add(root, parent: -1);
        root.SetCustomProperty(Property, this);
        traces.Begin(this);
    }

    /// <summary>The source of the run's host.</summary>
    public ActivitySource Source => _root.Source;

    /// <summary>The recording of the run that a span belongs to; null when there is none.</summary>
    public static RecordedRun? Find(Activity? activity)
    {
        while (activity is not null && activity.OperationName != SpanNames.OpenRun) activity = activity.Parent;
        return activity?.GetCustomProperty(Property) as RecordedRun;
    }

    /// <summary>Whose spans these are. Those of a run that never gets an id are not kept.</summary>
    public void Identify(ObservedRun run)
    {
        lock (_lock) _run = run;
    }

    public bool Matches(string? tenant, string id)
    {
        lock (_lock) return _run is { } run && (tenant is null || run.Session.Tenant == tenant) && (run.RunId == id || _root.TraceId.ToHexString() == id);
    }

    /// <summary>How the run ended, just before its span ends.</summary>
    public void Complete(RunRecord record)
    {
        // Texts of errors are recorded nowhere, and nothing of what a caller sends.
        var error = record.Error is { } e ? new RunError { Type = e.Type, Message = "" } : null;
        var bare = record with
        {
            Output = [],
            Error = error,
            Failures = [.. record.Failures.Select(f => f with { Message = "" })],
            Details = null,
            Metadata = ReadOnlyDictionary<string, string>.Empty,
        };
        lock (_lock) _record = bare;
    }

    /// <summary>It never was a run.</summary>
    public void Drop()
    {
        lock (_lock) _hasEnded = true;
        _traces.End(this, trace: null);
    }

    public void Start(Activity activity)
    {
        lock (_lock)
        {
            if (_hasEnded) return;
            if (_spans.Count == MaxSpans) _dropped++;
            else Add(activity, FindParent(activity));
        }
    }

    /// <summary>A span has ended. With the run's own, the trace is complete, and kept.</summary>
    public void Stop(Activity activity)
    {
        RunTrace? trace;
        lock (_lock)
        {
            var index = IndexOf(activity);
            if (_hasEnded || index < 0) return;
            _spans[index].End(MaxBytes, ref _bytes);
            if (index > 0) return;
            trace = End();
        }

        _traces.End(this, trace);
    }

    public RunTrace? Read()
    {
        lock (_lock)
        {
            if (_hasEnded || ToTrace(_spans.ConvertAll(s => s.Read())) is not { } trace) return null;
            return trace with { ReadAt = TimeProvider.System.GetUtcNow().UtcDateTime };
        }
    }

    private RunTrace? End()
    {
        _hasEnded = true;
        var spans = _spans.ConvertAll(s => s.ToSpan());
        // Spans that a plugin leaves open would keep the run's in memory.
        _spans.Clear();
        return ToTrace(spans);
    }

    private RunTrace? ToTrace(List<TraceSpan> spans) => _run is null ? null : new RunTrace(_run, _root.TraceId.ToHexString(), spans)
    {
        Record = _record,
        DroppedSpans = _dropped,
    };

    private void Add(Activity activity, int parent)
    {
        _spans.Add(new RecordedSpan(activity, parent));
        _bytes += RecordedSpan.Bytes;
    }

    /// <summary>Finds the nearest recorded ancestor. Spans of other sources in between are not recorded.</summary>
    private int FindParent(Activity activity)
    {
        for (var parent = activity.Parent; parent is not null; parent = parent.Parent)
        {
            if (IndexOf(parent) is >= 0 and var index) return index;
        }

        return 0;
    }

    // Search from the end, because most lookups are for recent spans.
    private int IndexOf(Activity activity)
    {
        var index = _spans.Count - 1;
        while (index >= 0 && _spans[index].Activity != activity) index--;
        return index;
    }
}
