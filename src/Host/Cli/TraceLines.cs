using System.Globalization;
using System.Text.Json.Nodes;
using PluginHost.Native.Resources;

namespace PluginHost.Cli;

/// <summary>One span as a line of a tree.</summary>
/// <param name="Branch">The lines of the tree before the name.</param>
/// <param name="Span">The span.</param>
/// <param name="Note">What is worth telling beside its times; empty when there is nothing.</param>
internal sealed record TraceLine(string Branch, SpanResource Span, string Note)
{
    public int Width => Branch.Length + Name.Length;

    public string Name { get; } = ChatScreen.Printable(Span.Name);

    /// <summary>Milliseconds since the run began.</summary>
    public string Start => Number(Span.StartMs);

    public string Duration => Span.DurationMs is { } duration ? Number(duration) : "open";

    public string Own => Span.OwnTimeMs is { } own ? Number(own) : "";

    private static string Number(double milliseconds) => milliseconds.ToString("0.000", CultureInfo.InvariantCulture);
}

/// <summary>Draws the spans of a run as the lines of a tree.</summary>
internal static class TraceLines
{
    public static IReadOnlyList<TraceLine> Of(TraceResource trace)
    {
        var lines = new List<TraceLine>();
        Add(lines, trace.Root, "", "");
        return lines;
    }

    private static void Add(List<TraceLine> lines, SpanResource span, string branch, string below)
    {
        lines.Add(new(branch, span, string.Join(", ", Notes(span))));
        for (var i = 0; i < span.Spans.Count; i++)
        {
            var isLast = i == span.Spans.Count - 1;
            Add(lines, span.Spans[i], below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "));
        }
    }

    private static IEnumerable<string> Notes(SpanResource span)
    {
        if (span.Status == "error") yield return $"error {span.ErrorType}".TrimEnd();
        if (Text(span, "pluginhost.plugin.skipped") is not null) yield return "skipped";
        if (Text(span, "pluginhost.session.load") is { } load) yield return load;
        if (Text(span, "pluginhost.message.count") is { } messages) yield return messages == "1" ? "1 message" : $"{messages} messages";
        if (Text(span, "gen_ai.usage.input_tokens") is { } input)
            yield return $"{input} tokens in, {Text(span, "gen_ai.usage.output_tokens") ?? "0"} out";
    }

    private static string? Text(SpanResource span, string attribute) =>
        span.Attributes.TryGetPropertyValue(attribute, out JsonNode? value) ? value?.ToString() : null;
}
