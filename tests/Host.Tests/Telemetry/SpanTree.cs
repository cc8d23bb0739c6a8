using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

internal static class SpanTree
{
    /// <summary>What the run of <see cref="RunSpanTests.RunAsync"/> draws as.</summary>
    public static IReadOnlyList<string> OfARun { get; } =
    [
        "assistant run",
        ".pluginhost.session.load",
        ".invoke_agent assistant",
        "..audit middleware",
        "...sqlite-history history.load",
        "...memory context.provide",
        "...redaction/strict middleware",
        "....chat stub-1",
        "....execute_tool remember",
        ".....index fact",
        "....chat stub-1",
        ".memory context.observe",
        ".sqlite-history history.append",
        ".pluginhost.session.save",
    ];

    /// <summary>The names of a trace's spans, each child one dot deeper than its parent; siblings in the order in which they began.</summary>
    public static IReadOnlyList<string> Draw(IReadOnlyList<ReceivedSpan> spans)
    {
        var known = spans.Select(s => s.SpanId).ToHashSet();
        return [.. spans.Where(s => s.ParentId is null || !known.Contains(s.ParentId)).SelectMany(root => Draw(root, spans, 0))];
    }

    /// <summary>The same, and after an exclamation mark the error type of each span that failed.</summary>
    public static IReadOnlyList<string> DrawErrors(IReadOnlyList<ReceivedSpan> spans) => Draw(
        [.. spans.Select(s => s.IsError ? s with { Name = $"{s.Name} ! {s.Attributes.GetValueOrDefault("error.type") ?? "untyped"}" } : s)]);

    private static IEnumerable<string> Draw(ReceivedSpan span, IReadOnlyList<ReceivedSpan> all, int depth) =>
        all.Where(s => s.ParentId == span.SpanId).OrderBy(s => s.Start).SelectMany(child => Draw(child, all, depth + 1))
            .Prepend(new string('.', depth) + span.Name);
}
