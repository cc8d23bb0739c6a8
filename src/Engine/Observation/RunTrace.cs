using PluginHost.Sdk;

namespace PluginHost.Engine.Observation;

/// <summary>The spans of a run. Immutable.</summary>
/// <param name="Run">The run.</param>
/// <param name="TraceId">The id of the trace, for backends that have it too, and of the request that began it.</param>
/// <param name="Spans">In the order in which they began, the run's own first: a span comes after its parent.</param>
internal sealed record RunTrace(ObservedRun Run, string TraceId, IReadOnlyList<TraceSpan> Spans)
{
    public string RunId => Run.RunId;

    public SessionKey Session => Run.Session;

    /// <summary>The run as it ended, without its output and the text of its error; null for a run in progress.</summary>
    public RunRecord? Record { get; init; }

    /// <summary>When the spans of a run in progress were read; null for a run that has ended.</summary>
    public DateTime? ReadAt { get; init; }

    /// <summary>How many later spans were left out because the run had too many.</summary>
    public int DroppedSpans { get; init; }
}

/// <summary>A span of a run, as copies of values. Immutable.</summary>
/// <param name="Parent">The index of its parent among the run's spans; -1 for the run's own.</param>
/// <param name="Name">The name.</param>
/// <param name="Kind">For example <c>internal</c>.</param>
/// <param name="SpanId">The id.</param>
/// <param name="Start">When it began, in UTC.</param>
internal sealed record TraceSpan(int Parent, string Name, string Kind, string SpanId, DateTime Start)
{
    /// <summary>Null when it was still open when the run ended, or was read.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The time that a middleware took itself, without what it wraps; null for other spans.</summary>
    public TimeSpan? OwnTime { get; init; }

    public bool IsError { get; init; }

    /// <summary>The low-cardinality type of the error; null when there was none, or it is not known.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The other attributes: text, truth values and numbers. Content is never among them.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Attributes { get; init; } = [];

    /// <summary>How many attributes were left out because the run had too much.</summary>
    public int DroppedAttributes { get; init; }
}
