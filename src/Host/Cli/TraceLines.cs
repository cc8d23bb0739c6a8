using System.Globalization;
using System.Text.Json.Nodes;
using PluginHost.Native.Resources;

namespace PluginHost.Cli;

/// <summary>One span as a line of a tree.</summary>
/// <param name="Branch">The branch characters before the name.</param>
/// <param name="Below">The branch characters before what follows on another line.</param>
/// <param name="Span">The span.</param>
/// <param name="Note">A note after the times; empty for none.</param>
internal sealed record TraceLine(string Branch, string Below, SpanResource Span, string Note)
{
    public string Name => Span.Name;

    /// <summary>Milliseconds since the start of the run.</summary>
    public string Start => Format(Span.StartMs);

    public string Duration => Span.DurationMs is { } duration ? Format(duration) : "open";

    public string SelfTime => Span.OwnTimeMs is { } time ? Format(time) : "";

    /// <summary>Milliseconds, with as many digits as a column has room for.</summary>
    public static string Format(double milliseconds) =>
        milliseconds.ToString(milliseconds < 1000 ? "0.000" : milliseconds < 100_000 ? "0.0" : "0", CultureInfo.InvariantCulture);
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

    /// <summary>What the run did in all.</summary>
    public static string DescribeTotals(TraceResource trace)
    {
        var totals = trace.Totals;
        string[] parts =
        [
            $"{TraceLine.Format(trace.DurationMs)} ms",
            .. totals.InputTokens is { } input ? [$"{input} tokens in, {totals.OutputTokens ?? 0} out"] : Array.Empty<string>(),
            Count(totals.ModelCalls, "model call"),
            Count(totals.ToolCalls, "tool call"),
            $"messages: {totals.MessagesLoaded} loaded, {totals.MessagesAdded} added, {totals.MessagesStored} stored",
        ];
        return string.Join(" · ", parts);
    }

    private static void Add(List<TraceLine> lines, SpanResource span, string branch, string below)
    {
        lines.Add(new(branch, span.Spans.Count == 0 ? below : below + "│  ", span, string.Join(", ", GetNotes(span))));
        for (var i = 0; i < span.Spans.Count; i++)
        {
            var isLast = i == span.Spans.Count - 1;
            Add(lines, span.Spans[i], below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "));
        }
    }

    private static IEnumerable<string> GetNotes(SpanResource span)
    {
        if (span.Status == "error") yield return $"error {span.ErrorType}".TrimEnd();
        if (GetText(span, "pluginhost.run.resumed") is not null) yield return $"resumed, attempt {GetText(span, "pluginhost.run.attempt")}";
        if (GetText(span, "pluginhost.step.reused") is not null) yield return "reused";
        if (GetText(span, "pluginhost.step.unknown") is not null) yield return "made by an earlier attempt, outcome unknown";
        if (GetText(span, "pluginhost.plugin.skipped") is not null) yield return "skipped";
        if (DescribeMiddleware(GetText(span, "pluginhost.plugin.kind")) is { } wraps) yield return wraps;
        if (GetText(span, "pluginhost.session.load") is { } load) yield return load;
        if (GetText(span, "pluginhost.append.covered") is not null) yield return "written by the save";
        if (GetText(span, "pluginhost.message.count") is { } messages) yield return messages == "1" ? "1 message" : $"{messages} messages";
        if (GetText(span, "pluginhost.context.tools") is { } tools) yield return $"tools: {tools}";
        if (GetText(span, "pluginhost.context.instructions.length") is { } length) yield return $"instructions: {length} characters";
        if (GetText(span, "gen_ai.usage.input_tokens") is { } input)
            yield return $"{input} tokens in, {GetText(span, "gen_ai.usage.output_tokens") ?? "0"} out";
    }

    private static string? DescribeMiddleware(string? kind) => kind switch
    {
        "run_middleware" => "wraps the run",
        "chat_middleware" => "wraps model calls",
        "function_middleware" => "wraps tool calls",
        _ => null,
    };

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private static string? GetText(SpanResource span, string attribute) =>
        span.Attributes.TryGetPropertyValue(attribute, out JsonNode? value) ? value?.ToString() : null;
}
