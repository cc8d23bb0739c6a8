using PluginHost.Testing;

namespace PluginHost.EndToEnd.Running;

internal static class SpanTree
{
    /// <summary>Returns the span names of a trace. Each level adds one dot; siblings are sorted by start.</summary>
    public static IReadOnlyList<string> Draw(IReadOnlyList<ReceivedSpan> spans)
    {
        var known = spans.Select(s => s.SpanId).ToHashSet();
        return [.. spans.Where(s => s.ParentId is null || !known.Contains(s.ParentId)).SelectMany(root => Draw(root, spans, 0))];
    }

    private static IEnumerable<string> Draw(ReceivedSpan span, IReadOnlyList<ReceivedSpan> all, int depth) =>
        all.Where(s => s.ParentId == span.SpanId).OrderBy(s => s.Start).SelectMany(child => Draw(child, all, depth + 1))
            .Prepend(new string('.', depth) + span.Name);
}
