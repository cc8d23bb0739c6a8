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
        var oldest = said.FindLastIndex(m => kept.Contains(m.Id));
        // The page is newest first: what follows the oldest message that was kept did not fit.
        var older = said.Skip(oldest + 1).ToList();
        var reason = older.Count > 0 && said.Count <= query.Limit ? LeftOutReason.Tokens : LeftOutReason.Window;
        if (older.Count > 0 || page.HasMore) yield return Create(reason, older) with { HasMore = page.HasMore };
        var between = said.Take(oldest + 1).Where(m => !kept.Contains(m.Id)).ToList();
        var stray = between.Where(m => m.Message.Contents.Any(c => c is FunctionResultContent)).ToList();
        // What is kept by configuration may be older than what did not fit.
        if (stray.Count < between.Count) yield return Create(LeftOutReason.Tokens, [.. between.Except(stray)]);
        if (stray.Count > 0) yield return Create(LeftOutReason.Balance, stray);
        if (earlier.Count > 0) yield return Create(LeftOutReason.EarlierAttempt, earlier);

        ExplainedLeftOut Create(string why, List<HistoryMessage> messages) => new(why, loaded.Plugin, messages.Count, messages.Sum(m => tokensOf(m.Message)));
    }
}
