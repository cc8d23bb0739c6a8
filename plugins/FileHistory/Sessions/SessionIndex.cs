using System.Diagnostics.CodeAnalysis;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>
/// All sessions by key, and the sessions of all runs and idempotency keys by hash. Holds no content. Built from the files when the
/// store opens. Thread-safe.
/// </summary>
internal sealed class SessionIndex
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionKey, SessionEntry> _sessions = [];
    private readonly Dictionary<UInt128, RunLocation> _runs = [];
    private readonly RunTimes _times = new();
    private bool _isBuilt;

    /// <summary>The runs in progress.</summary>
    public OpenRunIndex OpenRuns { get; } = new();

    /// <summary>Fills the index on the first call; later calls have no effect.</summary>
    public void Build(Action<SessionIndex> fill)
    {
        lock (_lock)
        {
            if (_isBuilt) return;
            // What a build that failed has left.
            Clear();
            fill(this);
            _times.Sort();
            _isBuilt = true;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _sessions.Clear();
            _runs.Clear();
            _times.Clear();
            OpenRuns.Clear();
            _isBuilt = false;
        }
    }

    public SessionEntry? Find(SessionKey session)
    {
        lock (_lock) return _sessions.GetValueOrDefault(session);
    }

    /// <summary>Finds the session of a run by the run's id, or by its idempotency key when the query has no id.</summary>
    public bool TryFindRun(RunQuery query, [MaybeNullWhen(false)] out SessionEntry session)
    {
        lock (_lock)
        {
            session = _runs.TryGetValue(query.RunId is { } id ? RunKey(query.Tenant, id) : IdempotencyKey(query.Tenant, query.IdempotencyKey!), out var run)
                ? _sessions.GetValueOrDefault(run.Session)
                : null;
            return session is not null;
        }
    }

    /// <summary>
    /// Lists the sessions of a tenant, or of all tenants for null, sorted by creation, id and tenant. With
    /// <paramref name="idleSince"/> only idle sessions, sorted by last save.
    /// </summary>
    public List<SessionEntry> List(string? tenant, DateTimeOffset? idleSince)
    {
        List<SessionEntry> list;
        lock (_lock) list = [.. _sessions.Values.Where(s => (tenant is null || s.Key.Tenant == tenant) && (idleSince is null || s.UpdatedAt < idleSince))];
        Func<SessionEntry, DateTimeOffset> time = idleSince is null ? static s => s.CreatedAt : static s => s.UpdatedAt;
        list.Sort((a, b) => time(a).CompareTo(time(b)) is var order and not 0 ? order
            : string.CompareOrdinal(a.Key.Id, b.Key.Id) is var byId and not 0 ? byId
            : string.CompareOrdinal(a.Key.Tenant, b.Key.Tenant));
        return list;
    }

    /// <summary>Adds or replaces a session. All its entries share its first key, because each save brings other strings.</summary>
    public void Put(SessionEntry session)
    {
        lock (_lock) _sessions[session.Key] = session with { Key = SharedKey(session.Key) };
    }

    public void PutRun(SessionKey session, RunEntry run, bool hasKey)
    {
        lock (_lock)
        {
            var (key, id) = (SharedKey(session), RunKey(session.Tenant, run.Id));
            // Ids of runs are unique in a session: other sessions may have the same.
            if (_runs.TryGetValue(id, out var earlier) && earlier.Session == key) _times.Remove(earlier);
            var location = _runs[id] = new RunLocation(key, run.Offset);
            var time = new RunTime(run.CreatedAt.UtcTicks, location, run.Length, run.IsTrouble);
            if (_isBuilt) _times.Add(time);
            else _times.AddUnsorted(time);
            if (!hasKey || run.IdempotencyKey is null) return;
            OpenRuns.TakeKey(session.Tenant, run.IdempotencyKey);
            _runs[IdempotencyKey(session.Tenant, run.IdempotencyKey)] = location;
        }
    }

    /// <summary>The runs that were accepted at a time or before, the newest first.</summary>
    public List<RunTime> ListRuns(long ticks, bool onlyTrouble, int limit)
    {
        lock (_lock) return _times.List(ticks, onlyTrouble, limit);
    }

    public void Remove(SessionKey session, IEnumerable<RunEntry> runs)
    {
        lock (_lock)
        {
            _sessions.Remove(session);
            foreach (var run in runs) RemoveRun(session, run);
        }
    }

    public void RemoveRun(SessionKey session, RunEntry run)
    {
        lock (_lock)
        {
            _times.Remove(new RunLocation(session, run.Offset), run.CreatedAt.UtcTicks);
            RemoveRun(session, RunKey(session.Tenant, run.Id));
            if (run.IdempotencyKey is { } key) RemoveRun(session, IdempotencyKey(session.Tenant, key));
        }
    }

    private SessionKey SharedKey(SessionKey session) => _sessions.TryGetValue(session, out var known) ? known.Key : session;

    private void RemoveRun(SessionKey session, UInt128 key)
    {
        if (_runs.TryGetValue(key, out var run) && run.Session == session) _runs.Remove(key);
    }

    private static UInt128 RunKey(string tenant, string id) => FileName.Digest(tenant, "run", id);

    private static UInt128 IdempotencyKey(string tenant, string key) => FileName.Digest(tenant, "idempotency", key);
}
