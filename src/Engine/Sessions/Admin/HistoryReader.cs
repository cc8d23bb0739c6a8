using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Reads the history that holds a session, outside runs.</summary>
internal sealed class HistoryReader(PluginInstance plugin, PluginCaller caller)
{
    private const int PageSize = 500;

    public PluginInstance Plugin { get; } = plugin;

    /// <summary>The history that holds a session: the one it was recorded with, or the first agent's when it has none yet.</summary>
    /// <exception cref="ProblemException">409 when no chain has that history any more.</exception>
    public static HistoryReader For(ChainSet set, SessionRecord session, PluginCaller caller)
    {
        if (session.History is null) return new HistoryReader(set.Chains[0].LoadingHistory, caller);
        foreach (var plugin in set.Chains.SelectMany(c => c.Plugins))
        {
            if (plugin.History is not null && plugin.SourceId == session.History) return new HistoryReader(plugin, caller);
        }

        throw new ProblemException(
            ProblemTypes.HistoryChanged, $"The messages of session '{session.Key.Id}' are in the history '{session.History}', which no agent's chain has any more. Put it back to read them.");
    }

    /// <summary>A page of messages. It ends early when it is large.</summary>
    /// <exception cref="PluginException">The history failed.</exception>
    public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        LoadBoundedAsync(query with { MaxBytes = PageBytes.Max }, cancellationToken);

    private async ValueTask<Page<HistoryMessage>> LoadBoundedAsync(HistoryQuery query, CancellationToken cancellationToken) => PageBytes.Cut(
        await caller.CallAsync(
            new PluginCall(Plugin, HostOperation.HistoryLoad) { Session = query.Session },
            (Plugin.History, query),
            static async (state, ct) => await state.History!.LoadAsync(state.query, ct)
                ?? throw new PluginContractException("It returned null instead of a page."),
            static (_, page) => page.Items.Count,
            cancellationToken),
        query);

    /// <summary>All messages but those of failed runs.</summary>
    public async ValueTask<List<HistoryMessage>> LoadAllAsync(SessionKey session, string? upToRun, CancellationToken cancellationToken)
    {
        var all = new List<HistoryMessage>();
        await VisitAsync(session, upToRun, all.Add, cancellationToken);
        return all;
    }

    /// <summary>The same one by one: no more than a page is in memory.</summary>
    public async ValueTask VisitAsync(SessionKey session, string? upToRun, Action<HistoryMessage> visit, CancellationToken cancellationToken)
    {
        string? after = null;
        while (true)
        {
            // With the failed ones, because the run to stop at may be one of them.
            var query = new HistoryQuery { Session = session, UpToRun = upToRun, Limit = PageSize, After = after, IncludeFailed = upToRun is not null };
            var page = await LoadAsync(query, cancellationToken);
            foreach (var message in page.Items)
            {
                if (message.Outcome != RunOutcome.Failed) visit(message);
            }

            if (!page.HasMore || page.Items.Count == 0) return;
            after = page.Items[^1].Id;
        }
    }

    /// <summary>Whether a message exists, to tell the end of a list from a cursor that never was.</summary>
    public async ValueTask<bool> HasAsync(HistoryQuery query, string messageId, CancellationToken cancellationToken)
    {
        var first = await LoadAsync(new HistoryQuery { Session = query.Session, IncludeFailed = true, Limit = 1 }, cancellationToken);
        if (first.Items.Count > 0 && first.Items[0].Id == messageId) return true;
        var before = await LoadAsync(
            new HistoryQuery { Session = query.Session, Before = messageId, IncludeFailed = true, Limit = 1, Order = ListOrder.Descending }, cancellationToken);
        return before.Items.Count > 0;
    }
}
