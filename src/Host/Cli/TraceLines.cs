using System.Globalization;
using System.Text.Json.Nodes;
using PluginHost.Native.Resources;

namespace PluginHost.Cli;

/// <summary>One span as a line of a tree.</summary>
/// <param name="Branch">The branch characters before the name.</param>
/// <param name="Span">The span.</param>
/// <param name="Note">A note after the times; empty for none.</param>
internal sealed record TraceLine(string Branch, SpanResource Span, string Note)
{
    public int Width => Branch.Length + Name.Length;

    public string Name { get; } = ChatScreen.RemoveControlCharacters(Span.Name);

    /// <summary>Milliseconds since the start of the run.</summary>
    public string Start => Format(Span.StartMs);

    public string Duration => Span.DurationMs is { } duration ? Format(duration) : "open";

    public string SelfTime => Span.OwnTimeMs is { } time ? Format(time) : "";

    private static string Format(double milliseconds) => milliseconds.ToString("0.000", CultureInfo.InvariantCulture);
}

/// <summary>Creates the lines of the tree of a run's spans.</summary>
internal static class TraceLines
{
    public static IReadOnlyList<TraceLine> From(TraceResource trace)
    {
        var lines = new List<TraceLine>();
        Add(lines, trace.Root, "", "");
        return lines;
    }

    private static void Add(List<TraceLine> lines, SpanResource span, string branch, string below)
    {
        lines.Add(new(branch, span, string.Join(", ", GetNotes(span))));
        for (var i = 0; i < span.Spans.Count; i++)
        {
            var isLast = i == span.Spans.Count - 1;
            Add(lines, span.Spans[i], below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "));
        }
    }

    private static IEnumerable<string> GetNotes(SpanResource span)
    {
        if (span.Status == "error") yield return $"error {span.ErrorType}".TrimEnd();
        if (GetText(span, "pluginhost.plugin.skipped") is not null) yield return "skipped";
        if (GetText(span, "pluginhost.session.load") is { } load) yield return load;
        if (GetText(span, "pluginhost.message.count") is { } messages) yield return messages == "1" ? "1 message" : $"{messages} messages";
        if (GetText(span, "gen_ai.usage.input_tokens") is { } input)
            yield return $"{input} tokens in, {GetText(span, "gen_ai.usage.output_tokens") ?? "0"} out";
    }

    private static string? GetText(SpanResource span, string attribute) =>
        span.Attributes.TryGetPropertyValue(attribute, out JsonNode? value) ? value?.ToString() : null;
}
