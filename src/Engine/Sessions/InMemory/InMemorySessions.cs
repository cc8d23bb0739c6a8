using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>A session store that does not survive a restart: the default when none is configured. Thread-safe.</summary>
internal sealed partial class InMemorySessions : ISessionStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TenantSessions> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Tenant, string Key), RunRecord> _byIdempotencyKey = [];
    private readonly Dictionary<(string Tenant, string Run), SessionKey> _sessionOf = [];
    private readonly RunsByTime _byTime = new();

    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (query is not { Id: { } id, After: null, Before: null, IdleSince: null, AllTenants: false }) return new(List(query));
            // Every run reads its session so.
            return new(new Page<SessionRecord> { Items = Find(new(query.Tenant, id)) is { } one ? [one.Session] : [], HasMore = false });
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
                _ => TenantsOf(query.Tenant).SelectMany(t => t.All).SelectMany(s => s.AllRuns()),
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
        lock (_lock) return new(_tenants.TryGetValue(tenant, out var sessions) ? sessions.Count : 0);
    }

    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        var key = save.Session.Key;
        lock (_lock)
        {
            var entry = Find(key);
            var found = entry?.Session.Version ?? 0;
            if (found != save.ExpectedVersion) throw new SessionConflictException(key, save.ExpectedVersion, found);
            if (entry is null) entry = Add(save.Session);
            else _tenants[key.Tenant].Save(entry, save.Session);
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
            if (Find(session) is not { } entry) return new(0);
            var sessions = _tenants[session.Tenant];
            sessions.Remove(session.Id);
            if (sessions.Count == 0) _tenants.Remove(session.Tenant);
            _withOpenRuns.Remove(entry);
            foreach (var run in entry.Ended()) Forget(run);
            foreach (var open in entry.Open) Forget(open.Record);
            return new(1 + entry.AllRuns().Count());
        }
    }

    private Page<SessionRecord> List(SessionQuery query)
    {
        var after = query.After is null ? null : Find(new(query.Tenant, query.After))?.Session;
        var before = query.Before is null ? null : Find(new(query.Tenant, query.Before))?.Session;
        if ((query.After is not null && after is null) || (query.Before is not null && before is null)) return new() { Items = [], HasMore = false };
        var isDescending = query.Order == ListOrder.Descending;
        var (low, high) = isDescending ? (before, after) : (after, before);
        // In front of a session alone, the nearest ones are wanted.
        var isFromEnd = before is not null && after is null;
        var isBackwards = isDescending != isFromEnd;
        var order = SessionOrder.From(query);
        var found = TenantsOf(query.AllTenants ? null : query.Tenant).SelectMany(t => (query.Id is { } id ? WithId(t, id, query.IdleSince) : t.In(order).Read(low, high, query.IdleSince, isBackwards))
            .Where(s => (low is null || order.Compare(s, low) > 0) && (high is null || order.Compare(s, high) < 0))
            .Take(query.Limit + 1));
        var page = (isBackwards ? found.OrderDescending(order) : found.Order(order)).Take(query.Limit + 1).ToList();
        var hasMore = page.Count > query.Limit;
        if (hasMore) page.RemoveAt(query.Limit);
        if (isFromEnd) page.Reverse();
        return new() { Items = page, HasMore = hasMore };
    }

    private static SessionRecord[] WithId(TenantSessions sessions, string id, DateTimeOffset? earlierThan) =>
        sessions.Find(id)?.Session is { } one && (earlierThan is not { } time || one.UpdatedAt < time) ? [one] : [];

    private StoredSession? Find(SessionKey key) => _tenants.TryGetValue(key.Tenant, out var sessions) ? sessions.Find(key.Id) : null;

    private StoredSession Add(SessionRecord session)
    {
        if (!_tenants.TryGetValue(session.Key.Tenant, out var sessions)) _tenants[session.Key.Tenant] = sessions = new();
        return sessions.Add(session);
    }

    /// <param name="tenant">Null for all.</param>
    private TenantSessions[] TenantsOf(string? tenant) =>
        tenant is null ? [.. _tenants.Values] : _tenants.TryGetValue(tenant, out var sessions) ? [sessions] : [];

    private IEnumerable<RunRecord> RunsOf(SessionKey session) => Find(session)?.AllRuns() ?? [];

    private void Remove(StoredSession entry, string id)
    {
        if (entry.FindOpen(id) is { } open)
        {
            Forget(open.Record);
            RemoveOpen(entry, open);
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
