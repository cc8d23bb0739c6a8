using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Transcripts;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Adds and removes messages, and removes runs, outside runs. The caller has entered the session's gate.</summary>
internal sealed class MessageWriter(PluginCaller caller, SessionWriter writer)
{
    /// <summary>How many more messages than the loading history an audit store may have of a run, when their ids are guessed.</summary>
    private const int MoreIds = 64;

    /// <exception cref="ProblemException">404; 409 when a service keeps the session's messages.</exception>
    public async ValueTask<SessionRecord> AppendAsync(
        ChainSet set, SessionKey key, IReadOnlyList<HistoryMessage> messages, CancellationToken cancellationToken)
    {
        var old = await set.Store.GetAsync(key, cancellationToken);
        CheckStoredHere(old);
        var history = HistoryReader.For(set, old, caller).Plugin;
        var changed = Next(old) with
        {
            History = history.SourceId,
            Transcript = TranscriptFingerprint.From(old.Transcript).Continue([.. messages.Select(m => m.Message)], [], cancelled: false).ToMark(),
        };
        return await writer.SaveWithAsync(set, changed, old, history, messages, cancellationToken);
    }

    /// <summary>Removes messages from every history of every chain.</summary>
    /// <exception cref="ProblemException">404; 409 when a service keeps the session's messages.</exception>
    public async ValueTask<SessionRecord> DeleteAsync(
        ChainSet set, SessionKey key, IReadOnlyList<string> messageIds, CancellationToken cancellationToken)
    {
        var old = await set.Store.GetAsync(key, cancellationToken);
        CheckStoredHere(old);
        await DeleteFromHistoriesAsync(set, key, messageIds);
        var changed = Next(old) with { Transcript = await SaidAsync(set, old, cancellationToken) };
        return await writer.SaveAsync(set, new SessionSave { Session = changed, ExpectedVersion = old.Version, Previous = old });
    }

    /// <summary>
    /// Removes a run's record. In a session that exists for its runs only, messages that no run can continue from are removed too: those
    /// after the last run that is left.
    /// </summary>
    /// <returns>Whether the session has no run any more and may go.</returns>
    /// <exception cref="ProblemException">404.</exception>
    public async ValueTask<bool> DeleteRunAsync(ChainSet set, SessionKey key, string runId, bool ofRunsAlone, CancellationToken cancellationToken)
    {
        var old = await set.Store.GetAsync(key, cancellationToken);
        var query = new RunQuery { Tenant = key.Tenant, SessionId = key.Id, Limit = 2, Order = ListOrder.Descending };
        if (await set.Store.FindRunAsync(key, runId, cancellationToken) is null) throw ProblemException.RunNotFound(runId);
        var changed = Next(old);
        if (ofRunsAlone)
        {
            var left = (await set.Store.FindRunsAsync(query, cancellationToken)).Items.FirstOrDefault(r => r.Id != runId);
            if (left is null) return true;
            if (old.LastRunId == runId)
            {
                if (old.ServiceSessionId is null) await DeleteTailAsync(set, old, runId, cancellationToken);
                changed = changed with { LastRunId = left.Id, Transcript = await SaidAsync(set, old, cancellationToken) };
            }
        }

        await writer.SaveAsync(set, new SessionSave { Session = changed, ExpectedVersion = old.Version, Previous = old, RemovedRun = runId });
        return false;
    }

    private SessionRecord Next(SessionRecord old) => old with { Version = old.Version + 1, UpdatedAt = caller.Time.GetUtcNow() };

    public static void CheckStoredHere(SessionRecord session)
    {
        if (session.ServiceSessionId is null) return;
        throw new ProblemException(
            ProblemTypes.ServiceSession, $"The history of session '{session.Key.Id}' is kept by a service, so its messages can neither be read nor changed here.");
    }

    private async ValueTask<TranscriptMark?> SaidAsync(ChainSet set, SessionRecord session, CancellationToken cancellationToken) =>
        SessionWriter.Said(await HistoryReader.For(set, session, caller).LoadAllAsync(session.Key, null, cancellationToken));

    /// <summary>Messages of the run, and of runs before it whose records are gone already.</summary>
    private async ValueTask DeleteTailAsync(ChainSet set, SessionRecord session, string runId, CancellationToken cancellationToken)
    {
        var history = HistoryReader.For(set, session, caller);
        var gone = new HashSet<string>(StringComparer.Ordinal) { runId };
        var ids = new List<string>();
        var query = new HistoryQuery { Session = session.Key, Order = ListOrder.Descending, IncludeFailed = true, Limit = 100 };
        while (true)
        {
            var page = await history.LoadAsync(query, cancellationToken);
            foreach (var message in page.Items)
            {
                if (message.RunId is not { } run || !(gone.Contains(run) || await IsGoneAsync(run)))
                {
                    await DeleteFromHistoriesAsync(set, session.Key, [.. ids.Union(GuessIds(ids))]);
                    return;
                }

                gone.Add(run);
                ids.Add(message.Id);
            }

            if (!page.HasMore || page.Items.Count == 0) break;
            query = query with { Before = page.Items[^1].Id };
        }

        await DeleteFromHistoriesAsync(set, session.Key, [.. ids.Union(GuessIds(ids))]);

        async ValueTask<bool> IsGoneAsync(string run) =>
            await set.Store.FindRunAsync(session.Key, run, cancellationToken) is null;
    }

    /// <summary>An audit store is never read, but numbers its messages of a run as all histories do.</summary>
    private static IEnumerable<string> GuessIds(List<string> ids) =>
        from run in ids.Where(id => id.Contains('.', StringComparison.Ordinal)).GroupBy(id => id[..id.LastIndexOf('.')])
        from index in Enumerable.Range(0, run.Count() + MoreIds)
        select $"{run.Key}.{index}";

    private async ValueTask DeleteFromHistoriesAsync(ChainSet set, SessionKey key, IReadOnlyList<string> ids)
    {
        if (ids.Count == 0) return;
        // Before the messages: a retry finds those that are still there, and so reaches what failed.
        foreach (var plugin in set.Chains.SelectMany(c => c.Plugins).Where(p => p.MessageCleanup is not null))
        {
            await caller.CallAsync(
                new PluginCall(plugin, HostOperation.SessionDataDelete) { Session = key },
                (plugin.MessageCleanup, key, ids),
                static (s, ct) => s.MessageCleanup!.DeleteMessageDataAsync(s.key, s.ids, ct),
                static (_, count) => count,
                CancellationToken.None);
        }

        foreach (var plugin in set.Chains.SelectMany(c => c.Plugins).Where(p => p.History is not null).DistinctBy(p => p.SourceId))
            await caller.DeleteAsync(new PluginCall(plugin, HostOperation.HistoryDelete) { Session = key }, new HistoryDeletion { Session = key, MessageIds = ids });
    }
}
