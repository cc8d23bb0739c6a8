using System.Collections;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>
/// What a run gets of a history: the newest messages, oldest first, within the limits, without a result whose call is cut off. A view of the
/// page: nothing is copied unless something has to go.
/// </summary>
internal static class HistoryWindow
{
    private const int BytesPerToken = 4;

    /// <param name="page">What the history returned, newest first.</param>
    /// <param name="query">What it was asked for; a history may return more.</param>
    /// <param name="runId">The run: an earlier try of it may have left messages, which were not said before it.</param>
    public static IReadOnlyList<HistoryMessage> From(Page<HistoryMessage>? page, HistoryQuery query, string runId)
    {
        var newest = page?.Items ?? throw new PluginContractException("It returned null instead of a page.");
        if (newest.Count == 0) return [];
        if (newest[0]?.RunId == runId) newest = [.. newest.Where(m => m?.RunId != runId)];
        var count = Math.Min(newest.Count, query.Limit);
        if (query.MaxTokens is { } tokens) count = CountWithin(newest, count, tokens);
        return ToolCallPairing.WithoutStrayResults(new OldestFirst(newest, count));
    }

    private static int CountWithin(IReadOnlyList<HistoryMessage> newest, int count, int tokens)
    {
        var left = (long)tokens * BytesPerToken;
        for (var i = 0; i < count; i++)
        {
            left -= MessageSize.Measure(Check(newest[i]).Message);
            if (left < 0) return i;
        }

        return count;
    }

    private static HistoryMessage Check(HistoryMessage? message) =>
        message?.Message is null ? throw new PluginContractException("It returned null instead of a message.") : message;

    private sealed class OldestFirst(IReadOnlyList<HistoryMessage> newest, int count) : IReadOnlyList<HistoryMessage>
    {
        public int Count => count;

        public HistoryMessage this[int index] => Check(newest[count - 1 - index]);

        public IEnumerator<HistoryMessage> GetEnumerator()
        {
            for (var i = 0; i < count; i++) yield return this[i];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
