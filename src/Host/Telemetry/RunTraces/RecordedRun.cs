using System.Diagnostics;
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
    private bool _hasEnded;

    public RecordedRun(Activity root)
    {
        TraceId = root.TraceId.ToHexString();
        Add(root, parent: -1);
    }

    public string TraceId { get; }

    /// <summary>The run's id; null before the end of the run, or when it has none.</summary>
    public string? Id { get; private set; }

    public string? Session { get; private set; }

    public string? Agent { get; private set; }

    public int Dropped { get; private set; }

    /// <summary>The spans. The list does not change after the end of the run.</summary>
    public IReadOnlyList<RecordedSpan> Spans => _spans;

    public void Start(Activity activity)
    {
        lock (_lock)
        {
            if (_hasEnded) return;
            if (_spans.Count == MaxSpans) Dropped++;
            else Add(activity, FindParent(activity));
        }
    }

    public void Stop(Activity activity)
    {
        lock (_lock)
        {
            var index = IndexOf(activity);
            if (_hasEnded || index < 0) return;
            _spans[index].End(MaxBytes, ref _bytes);
            if (index == 0) End(activity);
        }
    }

    private void End(Activity root)
    {
        _hasEnded = true;
        Id = root.GetTagItem(Attributes.RunId) as string;
        Session = root.GetTagItem(Attributes.ConversationId) as string;
        Agent = root.GetTagItem(Attributes.AgentName) as string;
        foreach (var span in _spans) span.Release();
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
}
