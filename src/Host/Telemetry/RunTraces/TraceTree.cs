using System.Text.Json.Nodes;
using PluginHost.Native.Resources;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>Makes the tree that callers see of the spans of a run that has ended.</summary>
internal static class TraceTree
{
    public static TraceResource Of(RecordedRun run)
    {
        var children = run.Spans.Index().ToLookup(s => s.Item.Parent, s => s.Index);
        var root = run.Spans[0];
        return new TraceResource(
            run.Id!, "run.trace", run.Session ?? "", run.Agent ?? "", run.TraceId, root.Start, Round(root.Duration?.TotalMilliseconds ?? 0), Span(0))
        {
            DroppedSpans = run.Dropped == 0 ? null : run.Dropped,
        };

        SpanResource Span(int index) => From(run.Spans[index], root.Start, [.. children[index].Select(Span)]);
    }

    private static SpanResource From(RecordedSpan span, DateTime start, IReadOnlyList<SpanResource> children)
    {
        var attributes = new JsonObject();
        foreach (var (key, value) in span.Tags.Where(t => t.Key is not (Attributes.ErrorType or Attributes.OwnTime))) attributes[key] = Json(value);
        return new SpanResource(
            span.Name, span.Kind.ToString().ToLowerInvariant(), span.Id.ToHexString(), Round((span.Start - start).TotalMilliseconds), StatusOf(span))
        {
            DurationMs = span.Duration is { } duration ? Round(duration.TotalMilliseconds) : null,
            OwnTimeMs = ValueOf(span, Attributes.OwnTime) is double own ? Round(own * 1000) : null,
            ErrorType = ValueOf(span, Attributes.ErrorType) as string,
            Attributes = attributes,
            DroppedAttributes = span.DroppedTags == 0 ? null : span.DroppedTags,
            Spans = children,
        };
    }

    private static string StatusOf(RecordedSpan span) => span.IsError ? "error" : span.Duration is null ? "open" : "ok";

    private static object? ValueOf(RecordedSpan span, string key) => span.Tags.FirstOrDefault(t => t.Key == key).Value;

    private static JsonNode? Json(object value) => value switch
    {
        bool truth => truth,
        int number => number,
        long number => number,
        double number when double.IsFinite(number) => number,
        _ => value.ToString(),
    };

    // Clocks tell no more than microseconds.
    private static double Round(double milliseconds) => Math.Round(milliseconds, 3);
}
