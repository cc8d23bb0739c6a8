using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>What a history has and the model was not given.</summary>
internal static class HistoryLeftOut
{
    public static IEnumerable<ExplainedLeftOut> Find(LoadedPage loaded, string runId, Func<ChatMessage, long> tokensOf)
    {
        var (page, query) = (loaded.Page, loaded.Query);
        var kept = loaded.Kept.Select(m => m.Id).ToHashSet(StringComparer.Ordinal);
        var earlier = page.Items.Where(m => m.RunId == runId).ToList();
        var said = page.Items.Where(m => m.RunId != runId).ToList();
        // The page is newest first. Results directly behind what was cut off have lost their calls.
        var cut = said.FindIndex(m => !kept.Contains(m.Id) && m.Message.Role != ChatRole.Tool);
        var left = said.Index().Where(m => !kept.Contains(m.Item.Id)).ToLookup(m => cut < 0 || m.Index < cut, m => m.Item);
        var older = left[false].ToList();
        // Pinned messages may follow those that count.
        var reason = cut >= 0 && cut < query.Limit ? LeftOutReason.Tokens : LeftOutReason.Window;
        if (older.Count > 0 || page.HasMore) yield return Create(reason, older) with { HasMore = page.HasMore };
        if (left.Contains(true)) yield return Create(LeftOutReason.Balance, [.. left[true]]);
        if (earlier.Count > 0) yield return Create(LeftOutReason.EarlierAttempt, earlier);

        ExplainedLeftOut Create(string why, List<HistoryMessage> messages) => new(why, loaded.Plugin, messages.Count, messages.Sum(m => tokensOf(m.Message)));
    }
}
