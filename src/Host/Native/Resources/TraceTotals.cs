using System.ComponentModel;
using PluginHost.Engine.Observation;

namespace PluginHost.Native.Resources;

/// <summary>What a run did in all, counted from its spans.</summary>
internal sealed record TraceTotals(
    int ModelCalls,
    [property: Description("Without those that an earlier attempt made.")] int ToolCalls,
    [property: Description("Messages that histories loaded.")] long MessagesLoaded,
    [property: Description("Messages that context providers added.")] long MessagesAdded,
    [property: Description("Messages that histories stored.")] long MessagesStored)
{
    [Description("Absent when the model counts none.")]
    public long? InputTokens { get; init; }

    [Description("Absent when the model counts none.")]
    public long? OutputTokens { get; init; }

    public static TraceTotals From(IReadOnlyList<TraceSpan> spans)
    {
        var calls = spans.Where(s => TextOf(s, "gen_ai.operation.name") == "chat").ToList();
        return new(
            calls.Count,
            spans.Count(IsToolCall),
            SumMessages("history", "load"), SumMessages("context", "provide"), SumMessages("history", "append"))
        {
            InputTokens = Sum(calls, "gen_ai.usage.input_tokens"),
            OutputTokens = Sum(calls, "gen_ai.usage.output_tokens"),
        };

        long SumMessages(string kind, string operation) =>
            Sum(spans.Where(s => TextOf(s, "pluginhost.plugin.kind") == kind && TextOf(s, "pluginhost.operation") == operation), "pluginhost.message.count") ?? 0;
    }

    private static bool IsToolCall(TraceSpan span) => TextOf(span, "gen_ai.operation.name") == "execute_tool"
        && ValueOf(span, "pluginhost.step.reused") is null && ValueOf(span, "pluginhost.step.unknown") is null;

    private static long? Sum(IEnumerable<TraceSpan> spans, string attribute)
    {
        var counts = spans.Select(s => ValueOf(s, attribute)).Where(v => v is int or long).Select(Convert.ToInt64).ToList();
        return counts.Count == 0 ? null : counts.Sum();
    }

    private static string? TextOf(TraceSpan span, string attribute) => ValueOf(span, attribute) as string;

    private static object? ValueOf(TraceSpan span, string attribute) => span.Attributes.FirstOrDefault(a => a.Key == attribute).Value;
}
