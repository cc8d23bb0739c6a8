using System.ComponentModel;
using System.Text.Json.Nodes;
using PluginHost.Http.Description;

namespace PluginHost.Native.Resources;

/// <summary>The trace of a run as the API returns it.</summary>
internal sealed record TraceResource(
    string RunId,
    [property: AllowedText("run.trace")] string Object,
    string SessionId,
    string Agent,
    [property: Description("The id of the trace, for backends that have it too.")] string TraceId,
    [property: Description("When the run's own span began; start_ms of all spans counts from here.")] DateTime StartedAt,
    double DurationMs,
    [property: Description("The run's own span, with all others below it.")] SpanResource Root)
{
    [Description("Spans that were left out because the run had too many; absent when there were none.")]
    public int? DroppedSpans { get; init; }
}

/// <summary>A span of a run, with those that it contains.</summary>
internal sealed record SpanResource(
    string Name,
    [property: AllowedText("internal", "client", "server", "producer", "consumer")] string Kind,
    string SpanId,
    double StartMs,
    [property: AllowedText("ok", "error", "open")] string Status)
{
    [Description("Absent when the span was still open when the run ended.")]
    public double? DurationMs { get; init; }

    [Description("Of a middleware: the time that it took itself, without what it wraps.")]
    public double? OwnTimeMs { get; init; }

    [Description("The low-cardinality type of the error, as error.type has it.")]
    public string? ErrorType { get; init; }

    [Description("The span's other attributes. Content is never among them.")]
    [JsonObjectSchema]
    public required JsonObject Attributes { get; init; }

    [Description("Attributes that were left out because the run had too much; absent when there were none.")]
    public int? DroppedAttributes { get; init; }

    [Description("The spans inside this one, in the order in which they began.")]
    public required IReadOnlyList<SpanResource> Spans { get; init; }
}
