using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins;

/// <summary>A session store whose calls go to the build of the plugin that has the resource now.</summary>
internal class ReplaceableStore(HandoverSlot slot) : ISessionStore
{
    public static ReplaceableStore Create(HandoverSlot slot) => slot.Current is IRunJournal ? new WithJournal(slot) : new ReplaceableStore(slot);

    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
        slot.CallAsync<ISessionStore, SessionQuery, Page<SessionRecord>>(query, static (s, q, ct) => s.FindSessionsAsync(q, ct), cancellationToken);

    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        slot.CallAsync<ISessionStore, RunQuery, Page<RunRecord>>(query, static (s, q, ct) => s.FindRunsAsync(q, ct), cancellationToken);

    public ValueTask<RunSearchPage?> SearchRunsAsync(RunSearch search, CancellationToken cancellationToken) =>
        slot.CallAsync<ISessionStore, RunSearch, RunSearchPage?>(search, static (s, q, ct) => s.SearchRunsAsync(q, ct), cancellationToken);

    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken) =>
        slot.CallAsync<ISessionStore, string, long>(tenant, static (s, t, ct) => s.CountSessionsAsync(t, ct), cancellationToken);

    public async ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) =>
        await slot.CallAsync<ISessionStore, SessionSave, bool>(
            save,
            static async (s, v, ct) =>
            {
                await s.SaveAsync(v.Appends.Count == 0 ? v : v with { Appends = [.. v.Appends.Select(Resolve)] }, ct);
                return true;
            },
            cancellationToken);

    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) =>
        slot.CallAsync<ISessionStore, SessionKey, int>(session, static (s, k, ct) => s.DeleteAsync(k, ct), cancellationToken);

    public bool Covers(IHistoryProvider history) => ((ISessionStore)slot.Current).Covers(Resolve(history));

    /// <summary>A store knows its own histories, which the engine holds as replaceable ones.</summary>
    private static IHistoryProvider Resolve(IHistoryProvider history) => (history as ReplaceableHistory)?.Current ?? history;

    private static CoveredAppend Resolve(CoveredAppend append) => append with { History = Resolve(append.History) };

    /// <summary>The same for a store that keeps the journal of runs.</summary>
    private sealed class WithJournal(HandoverSlot slot) : ReplaceableStore(slot), IRunJournal
    {
        private readonly HandoverSlot _slot = slot;

        public async ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken) =>
            await _slot.CallAsync<IRunJournal, JournalWrite, bool>(
                write,
                static async (s, w, ct) =>
                {
                    await s.WriteAsync(w, ct);
                    return true;
                },
                cancellationToken);

        public ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken) =>
            _slot.CallAsync<IRunJournal, (SessionKey, string, int, int), Page<JournalStep>>(
                (session, runId, first, limit), static (s, q, ct) => s.ReadAsync(q.Item1, q.Item2, q.Item3, q.Item4, ct), cancellationToken);

        public ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken) =>
            _slot.CallAsync<IRunJournal, OpenRunQuery, Page<RunRecord>>(query, static (s, q, ct) => s.FindOpenRunsAsync(q, ct), cancellationToken);
    }
}
