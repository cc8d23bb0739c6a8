using System.Text.Json.Nodes;
using PluginHost.Native.Resources;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>Creates the API resource of an ended run's spans.</summary>
internal static class TraceTree
{
    public static TraceResource From(RecordedRun run)
    {
        var children = run.Spans.Index().ToLookup(s => s.Item.Parent, s => s.Index);
        var root = run.Spans[0];
        return new TraceResource(
            run.Id!, "run.trace", run.Session ?? "", run.Agent ?? "", run.TraceId, root.Start, Round(root.Duration?.TotalMilliseconds ?? 0), Span(0))
        {
            DroppedSpans = run.Dropped == 0 ? null : run.Dropped,
        };

        SpanResource Span(int index) => CreateSpan(run.Spans[index], root.Start, [.. children[index].Select(Span)]);
    }

    private static SpanResource CreateSpan(RecordedSpan span, DateTime start, IReadOnlyList<SpanResource> children)
    {
        var attributes = new JsonObject();
        foreach (var (key, value) in span.Tags.Where(t => t.Key is not (Attributes.ErrorType or Attributes.OwnTime))) attributes[key] = ToJson(value);
        return new SpanResource(
            span.Name, span.Kind.ToString().ToLowerInvariant(), span.Id.ToHexString(), Round((span.Start - start).TotalMilliseconds), GetStatus(span))
        {
            DurationMs = span.Duration is { } duration ? Round(duration.TotalMilliseconds) : null,
            OwnTimeMs = FindValue(span, Attributes.OwnTime) is double seconds ? Round(seconds * 1000) : null,
            ErrorType = FindValue(span, Attributes.ErrorType) as string,
            Attributes = attributes,
            DroppedAttributes = span.DroppedTags == 0 ? null : span.DroppedTags,
            Spans = children,
        };
    }

    private static string GetStatus(RecordedSpan span) => span.IsError ? "error" : span.Duration is null ? "open" : "ok";

    private static object? FindValue(RecordedSpan span, string key) => span.Tags.FirstOrDefault(t => t.Key == key).Value;

    private static JsonNode? ToJson(object value) => value switch
    {
        bool flag => flag,
        int number => number,
        long number => number,
        double number when double.IsFinite(number) => number,
        _ => value.ToString(),
    };

    // The clocks have a resolution of microseconds.
    private static double Round(double milliseconds) => Math.Round(milliseconds, 3);
}
