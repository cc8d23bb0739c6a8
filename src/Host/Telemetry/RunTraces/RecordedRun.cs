using System.Diagnostics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>
/// The spans of one run, in the order in which they began, so that a span's parent always stands before it: what does not fit
/// is the end of the run, and never the middle of the tree. Thread-safe.
/// </summary>
internal sealed class RecordedRun
{
    /// <summary>How many spans are kept of a run.</summary>
    public const int MaxSpans = 256;

    /// <summary>About how much memory the spans of a run may take; attributes that come later are left out.</summary>
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

    /// <summary>The run's id; null until it has ended, or when it never had one.</summary>
    public string? Id { get; private set; }

    public string? Session { get; private set; }

    public string? Agent { get; private set; }

    public int Dropped { get; private set; }

    /// <summary>Nothing is added any more once the run has ended.</summary>
    public IReadOnlyList<RecordedSpan> Spans => _spans;

    public void Start(Activity activity)
    {
        lock (_lock)
        {
            if (_hasEnded) return;
            if (_spans.Count == MaxSpans) Dropped++;
            else Add(activity, ParentOf(activity));
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

    /// <summary>The nearest span that is kept: those of other sources may stand between.</summary>
    private int ParentOf(Activity activity)
    {
        for (var parent = activity.Parent; parent is not null; parent = parent.Parent)
        {
            if (IndexOf(parent) is >= 0 and var index) return index;
        }

        return 0;
    }

    // From the end: who begins or ends has mostly begun lately.
    private int IndexOf(Activity activity)
    {
        var index = _spans.Count - 1;
        while (index >= 0 && _spans[index].Activity != activity) index--;
        return index;
    }
}
