using System.Diagnostics;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>
/// The spans of one run in the order of their starts, so that parents precede children. Spans above the limit are the last ones of the
/// run, so the tree stays complete above them. Thread-safe.
/// </summary>
internal sealed class RecordedRun
{
    /// <summary>The maximum number of spans of a run.</summary>
    public const int MaxSpans = 256;

    /// <summary>The approximate maximum memory for the spans of a run. Attributes above it are dropped.</summary>
    public const int MaxBytes = 256 * 1024;

    private readonly List<RecordedSpan> _spans = new(16);
    private readonly Lock _lock = new();
    private int _bytes;
    private int _dropped;
    private bool _hasEnded;

    public RecordedRun(Activity root) => Add(root, parent: -1);

    public void Start(Activity activity)
    {
        lock (_lock)
        {
            if (_hasEnded) return;
            if (_spans.Count == MaxSpans) _dropped++;
            else Add(activity, FindParent(activity));
        }
    }

    /// <returns>The trace, when this was the run's own span and the run has an id; otherwise null.</returns>
    public RunTrace? Stop(Activity activity)
    {
        lock (_lock)
        {
            var index = IndexOf(activity);
            if (_hasEnded || index < 0) return null;
            _spans[index].End(MaxBytes, ref _bytes);
            return index == 0 ? End(activity) : null;
        }
    }

    private RunTrace? End(Activity root)
    {
        _hasEnded = true;
        var spans = _spans.ConvertAll(s => s.ToSpan());
        // Spans that a plugin leaves open would keep the run's in memory.
        _spans.Clear();
        if (TagOf(root, Attributes.RunId) is not { } id) return null;
        var (session, agent) = (TagOf(root, Attributes.ConversationId) ?? "", TagOf(root, Attributes.AgentName) ?? "");
        return new RunTrace(id, session, agent, root.TraceId.ToHexString(), spans) { DroppedSpans = _dropped };
    }

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

    private static string? TagOf(Activity activity, string name) => activity.GetTagItem(name) as string;
}
