using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>A session store that does not survive a restart: the default when none is configured. Thread-safe.</summary>
internal sealed partial class InMemorySessions : ISessionStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionKey, StoredSession> _sessions = [];
    private readonly Dictionary<(string Tenant, string Key), RunRecord> _byIdempotencyKey = [];
    private readonly Dictionary<(string Tenant, string Run), SessionKey> _sessionOf = [];
    private readonly RunsByTime _byTime = new();

    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (query.Id is { } id && !query.AllTenants)
                return new(new Page<SessionRecord> { Items = _sessions.TryGetValue(new(query.Tenant, id), out var one) ? [one.Session] : [], HasMore = false });
            var place = query.IdleSince is null ? SessionPlace.ByCreation : SessionPlace.ByLastSave;
            var found = _sessions.Values.Select(e => e.Session)
                .Where(s => query.AllTenants || s.Key.Tenant == query.Tenant)
                .Where(s => query.Id is null || s.Key.Id == query.Id)
                .Where(s => query.IdleSince is not { } since || s.UpdatedAt < since);
            return new(query is { Order: ListOrder.Ascending, Before: null }
                ? Next(found, query, place)
                : Cursor.Cut([.. found.Order(place)], query.Order, query.After, query.Before, query.Limit, s => s.Key.Id));
        }
    }

    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            IEnumerable<RunRecord> runs = query switch
            {
                { IdempotencyKey: { } key } => _byIdempotencyKey.TryGetValue((query.Tenant, key), out var run) ? [run] : [],
                { SessionId: { } session } => RunsOf(new(query.Tenant, session)),
                { RunId: { } run } => _sessionOf.TryGetValue((query.Tenant, run), out var session) ? RunsOf(session) : [],
                _ => _sessions.Where(s => s.Key.Tenant == query.Tenant).SelectMany(s => s.Value.AllRuns()),
            };
            var found = runs
                .Where(r => query.RunId is null || r.Id == query.RunId)
                .Where(r => query.SessionId is null || r.Session.Id == query.SessionId)
                .ToList();
            return new(PageBytes.Cut(Cursor.Cut(found, query.Order, query.After, query.Before, query.Limit, r => r.Id), query));
        }
    }

    public ValueTask<RunSearchPage?> SearchRunsAsync(RunSearch search, CancellationToken cancellationToken)
    {
        lock (_lock) return new(search.Collect(_byTime.After(search.Start)));
    }

    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken)
    {
        lock (_lock) return new(_sessions.Keys.LongCount(k => k.Tenant == tenant));
    }

    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        var key = save.Session.Key;
        lock (_lock)
        {
            var found = _sessions.TryGetValue(key, out var entry) ? entry.Session.Version : 0;
            if (found != save.ExpectedVersion) throw new SessionConflictException(key, save.ExpectedVersion, found);
            if (entry is null) _sessions[key] = entry = new StoredSession(save.Session);
            entry.Session = save.Session;
            if (save.RemovedRun is { } removed) Remove(entry, removed);
            if (save is { Run: { } ended, EndsRun: true }) Close(entry, ended.Id);
            if (save.Run is { } run) Put(entry, run);
        }

        return default;
    }

    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_sessions.Remove(session, out var entry)) return new(0);
            foreach (var run in entry.Ended()) Forget(run);
            foreach (var open in entry.Open) Forget(open.Record);
            return new(1 + entry.AllRuns().Count());
        }
    }

    /// <summary>The usual page, found without putting all sessions in order.</summary>
    private Page<SessionRecord> Next(IEnumerable<SessionRecord> found, SessionQuery query, SessionPlace place)
    {
        if (query.After is { } id)
        {
            if (!_sessions.TryGetValue(new(query.Tenant, id), out var after)) return new() { Items = [], HasMore = false };
            found = found.Where(s => place.Compare(s, after.Session) > 0);
        }

        var page = found.Order(place).Take(query.Limit + 1).ToList();
        if (page.Count <= query.Limit) return new() { Items = page, HasMore = false };
        page.RemoveAt(query.Limit);
        return new() { Items = page, HasMore = true };
    }

    private IEnumerable<RunRecord> RunsOf(SessionKey session) => _sessions.TryGetValue(session, out var entry) ? entry.AllRuns() : [];

    private void Remove(StoredSession entry, string id)
    {
        if (entry.FindOpen(id) is { } open)
        {
            Forget(open.Record);
            entry.RemoveOpen(open);
        }

        if (entry.RemoveRun(id) is { } removed) Forget(removed);
    }

    private void Forget(RunRecord run)
    {
        _sessionOf.Remove((run.Session.Tenant, run.Id));
        _byTime.Remove(run);
        // Another run may have taken the key.
        if (run.IdempotencyKey is { } key && _byIdempotencyKey.TryGetValue((run.Session.Tenant, key), out var owner) && owner.Id == run.Id)
            _byIdempotencyKey.Remove((run.Session.Tenant, key));
    }

    private void Put(StoredSession entry, RunRecord run)
    {
        if (entry.Put(run) is { } replaced) _byTime.Remove(replaced);
        Index(run);
    }

    private void Index(RunRecord run)
    {
        _byTime.Add(run);
        _sessionOf[(run.Session.Tenant, run.Id)] = run.Session;
        if (run.IdempotencyKey is { } key) _byIdempotencyKey[(run.Session.Tenant, key)] = run;
    }
}
