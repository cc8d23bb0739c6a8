using System.ComponentModel;
using System.Text.Json.Nodes;
using PluginHost.Engine.Observation;
using PluginHost.Http.Binding;

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

    public static TraceResource From(RunTrace trace)
    {
        var children = trace.Spans.Index().ToLookup(s => s.Item.Parent, s => s.Index);
        var root = trace.Spans[0];
        var duration = SpanResource.Milliseconds(root.Duration ?? default);
        return new(trace.RunId, "run.trace", trace.SessionId, trace.Agent, trace.TraceId, root.Start, duration, Span(0))
        {
            DroppedSpans = trace.DroppedSpans == 0 ? null : trace.DroppedSpans,
        };

        SpanResource Span(int index) => SpanResource.From(trace.Spans[index], root.Start, [.. children[index].Select(Span)]);
    }
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
    [AnyObject]
    public required JsonObject Attributes { get; init; }

    [Description("Attributes that were left out because the run had too much; absent when there were none.")]
    public int? DroppedAttributes { get; init; }

    [Description("The spans inside this one, in the order in which they began.")]
    public required IReadOnlyList<SpanResource> Spans { get; init; }

    public static SpanResource From(TraceSpan span, DateTime start, IReadOnlyList<SpanResource> children) =>
        new(span.Name, span.Kind, span.SpanId, Milliseconds(span.Start - start), span.IsError ? "error" : span.Duration is null ? "open" : "ok")
        {
            DurationMs = span.Duration is { } duration ? Milliseconds(duration) : null,
            OwnTimeMs = span.OwnTime is { } own ? Milliseconds(own) : null,
            ErrorType = span.ErrorType,
            Attributes = new JsonObject(span.Attributes.Select(a => KeyValuePair.Create(a.Key, ToJson(a.Value)))),
            DroppedAttributes = span.DroppedAttributes == 0 ? null : span.DroppedAttributes,
            Spans = children,
        };

    /// <summary>Clocks are no more precise than microseconds.</summary>
    public static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    private static JsonNode? ToJson(object value) => value switch
    {
        bool truth => truth,
        int number => number,
        long number => number,
        double number when double.IsFinite(number) => number,
        _ => value.ToString(),
    };
}
