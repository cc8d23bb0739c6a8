using PluginHost.Pipeline;
using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>Reads the history that holds a session, outside runs.</summary>
internal sealed class HistoryReader(IHistoryProvider history)
{
    private const int PageSize = 500;

    public IHistoryProvider History { get; } = history;

    /// <summary>The history that holds a session: the one it was recorded with, or the first agent's when it has none yet.</summary>
    /// <exception cref="ProblemException">409 when no chain has that history any more.</exception>
    public static HistoryReader Of(ChainSet set, SessionRecord session)
    {
        if (session.History is null) return new HistoryReader(set.Chains[0].LoadingHistory.History!);
        foreach (var plugin in set.Chains.SelectMany(c => c.Plugins))
        {
            if (plugin.History is { } found && plugin.SourceId == session.History) return new HistoryReader(found);
        }

        throw new ProblemException(
            409, "history-changed", $"The messages of session '{session.Key.Id}' are in the history '{session.History}', which no agent's chain has any more. Put it back to read them.");
    }

    public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        History.LoadAsync(query, cancellationToken);

    /// <summary>All messages but those of failed runs.</summary>
    public async ValueTask<List<HistoryMessage>> LoadAllAsync(SessionKey session, string? upToRun, CancellationToken cancellationToken)
    {
        var all = new List<HistoryMessage>();
        while (true)
        {
            var page = await History.LoadAsync(
                new HistoryQuery(session) { UpToRun = upToRun, Limit = PageSize, After = all.Count > 0 ? all[^1].Id : null },
                cancellationToken);
            all.AddRange(page.Items);
            if (!page.HasMore || page.Items.Count == 0) return all;
        }
    }

    /// <summary>Whether a message exists, to tell the end of a list from a cursor that never was.</summary>
    public async ValueTask<bool> HasAsync(HistoryQuery query, string messageId, CancellationToken cancellationToken)
    {
        var first = await History.LoadAsync(new HistoryQuery(query.Session) { IncludeFailed = true, Limit = 1 }, cancellationToken);
        if (first.Items.Count > 0 && first.Items[0].Id == messageId) return true;
        var before = await History.LoadAsync(
            new HistoryQuery(query.Session) { Before = messageId, IncludeFailed = true, Limit = 1, Order = ListOrder.Descending }, cancellationToken);
        return before.Items.Count > 0;
    }
}
