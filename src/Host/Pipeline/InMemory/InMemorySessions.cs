using PluginHost.Sdk;

namespace PluginHost.Pipeline.InMemory;

/// <summary>A session store that does not survive a restart: the default when none is configured. Thread-safe.</summary>
public sealed class InMemorySessions : ISessionStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionKey, Entry> _sessions = [];
    private readonly Dictionary<(string Tenant, string Key), RunRecord> _byIdempotencyKey = [];

    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (query.Id is { } id && !query.AllTenants)
                return new(new Page<SessionRecord>(_sessions.TryGetValue(new(query.Tenant, id), out var one) ? [one.Session] : [], false));
            var found = _sessions.Values.Select(e => e.Session)
                .Where(s => query.AllTenants || s.Key.Tenant == query.Tenant)
                .Where(s => query.Id is null || s.Key.Id == query.Id)
                .Where(s => query.IdleSince is not { } since || s.UpdatedAt < since)
                .OrderBy(s => s.CreatedAt).ThenBy(s => s.Key.Id, StringComparer.Ordinal).ThenBy(s => s.Key.Tenant, StringComparer.Ordinal)
                .ToList();
            return new(Cursor.Cut(found, query.Order, query.After, query.Before, query.Limit, s => s.Key.Id));
        }
    }

    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            IEnumerable<RunRecord> runs = query switch
            {
                { IdempotencyKey: { } key } => _byIdempotencyKey.TryGetValue((query.Tenant, key), out var run) ? [run] : [],
                { SessionId: { } session } => _sessions.TryGetValue(new(query.Tenant, session), out var entry) ? entry.Runs : [],
                _ => _sessions.Where(s => s.Key.Tenant == query.Tenant).SelectMany(s => s.Value.Runs),
            };
            var found = runs
                .Where(r => query.RunId is null || r.Id == query.RunId)
                .Where(r => query.SessionId is null || r.Session.Id == query.SessionId)
                .ToList();
            return new(Cursor.Cut(found, query.Order, query.After, query.Before, query.Limit, r => r.Id));
        }
    }

    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        var key = save.Session.Key;
        lock (_lock)
        {
            var found = _sessions.TryGetValue(key, out var entry) ? entry.Session.Version : 0;
            if (found != save.ExpectedVersion) throw new SessionConflictException(key, save.ExpectedVersion, found);
            if (entry is null) _sessions[key] = entry = new Entry(save.Session);
            entry.Session = save.Session;
            if (save.Run is { } run) Put(entry.Runs, run);
        }

        return default;
    }

    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_sessions.Remove(session, out var entry)) return new(0);
            foreach (var run in entry.Runs)
            {
                // Another run may have taken the key.
                if (run.IdempotencyKey is { } key && _byIdempotencyKey.TryGetValue((session.Tenant, key), out var owner) && owner.Session == session)
                    _byIdempotencyKey.Remove((session.Tenant, key));
            }

            return new(1 + entry.Runs.Count);
        }
    }

    private void Put(List<RunRecord> runs, RunRecord run)
    {
        // A retry replaces a recent run, so look from the end.
        var index = run.Attempt > 1 ? runs.FindLastIndex(r => r.Id == run.Id) : -1;
        if (index >= 0) runs[index] = run;
        else runs.Add(run);
        if (run.IdempotencyKey is { } key) _byIdempotencyKey[(run.Session.Tenant, key)] = run;
    }

    private sealed class Entry(SessionRecord session)
    {
        public SessionRecord Session { get; set; } = session;

        public List<RunRecord> Runs { get; } = [];
    }
}
