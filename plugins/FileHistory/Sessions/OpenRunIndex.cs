namespace PluginHost.Files.Sessions;

/// <summary>The runs in progress by session, id, idempotency key and time. Holds no content. Thread-safe.</summary>
internal sealed class OpenRunIndex
{
    private readonly Lock _lock = new();
    private readonly SortedSet<OpenRun> _runs = new(OpenRun.Order);
    private readonly Dictionary<SessionKey, List<OpenRun>> _sessions = [];
    private readonly Dictionary<(string Tenant, string RunId), SessionKey> _ids = [];
    private readonly Dictionary<(string Tenant, string Key), SessionKey> _keys = [];
    private readonly Dictionary<SessionKey, List<string>> _leftovers = [];

    public void Clear()
    {
        lock (_lock)
        {
            _runs.Clear();
            _sessions.Clear();
            _ids.Clear();
            _keys.Clear();
            _leftovers.Clear();
        }
    }

    public OpenRun? Find(SessionKey session, string runId)
    {
        lock (_lock) return _sessions.GetValueOrDefault(session)?.Find(r => r.Record.Id == runId);
    }

    /// <summary>Finds the run that a query names by its id or its idempotency key.</summary>
    public OpenRun? Find(RunQuery query)
    {
        lock (_lock)
        {
            var session = query.SessionId is { } id ? new SessionKey(query.Tenant, id)
                : query.RunId is { } run ? _ids.GetValueOrDefault((query.Tenant, run))
                : _keys.GetValueOrDefault((query.Tenant, query.IdempotencyKey!));
            return session == default ? null : _sessions.GetValueOrDefault(session)?.Find(r => r.Record.Matches(query));
        }
    }

    /// <summary>The runs of a session by creation, then id.</summary>
    public List<OpenRun> List(SessionKey session)
    {
        lock (_lock) return _sessions.TryGetValue(session, out var runs) ? [.. runs.Order(OpenRun.Order)] : [];
    }

    /// <summary>The runs that a search may find, the newest first.</summary>
    public List<OpenRun> ListNewest(RunSearch search)
    {
        // A run in progress has no error.
        if (search.ErrorType is not null) return [];
        var start = search.Start;
        var onlyTrouble = search.OnlyTrouble || search.Skipped is not null;
        lock (_lock)
        {
            return [.. _runs.Reverse().Where(r => (search.Tenant is null || r.Session.Tenant == search.Tenant)
                && (search.Status is null || r.Record.Status == search.Status)
                && (!onlyTrouble || r.Record.IsTrouble)
                && (start is null || RunPlace.Compare(r.Place, start) > 0))];
        }
    }

    /// <summary>The first runs after a place that have the tenant and the status of a query, with all that share the last place.</summary>
    public (List<OpenRun> Runs, bool HasMore) List(OpenRunQuery query, RunPlace? after, int limit)
    {
        lock (_lock)
        {
            IEnumerable<OpenRun> runs = _runs;
            if (after is not null)
            {
                var place = new OpenRun(new SessionKey("", ""), RunEntry.At(after), 0, 0);
                if (_runs.Count == 0 || OpenRun.Order.Compare(place, _runs.Max) > 0) return ([], false);
                runs = _runs.GetViewBetween(place, _runs.Max).SkipWhile(r => r.Place == after);
            }

            List<OpenRun> page = [];
            foreach (var run in runs.Where(r => (query.Tenant is null || r.Session.Tenant == query.Tenant) && (query.Status is null || r.Record.Status == query.Status)))
            {
                if (page.Count >= limit && run.Place != page[^1].Place) return (page, true);
                page.Add(run);
            }

            return (page, false);
        }
    }

    /// <summary>Adds or replaces a run.</summary>
    public void Put(OpenRun run)
    {
        lock (_lock)
        {
            Remove(run.Session, run.Record.Id);
            if (run.Record.IdempotencyKey is { } key)
            {
                TakeKey(run.Session.Tenant, key);
                _keys[(run.Session.Tenant, key)] = run.Session;
            }

            _runs.Add(run);
            if (!_sessions.TryGetValue(run.Session, out var runs)) _sessions[run.Session] = runs = [];
            runs.Add(run);
            _ids[(run.Session.Tenant, run.Record.Id)] = run.Session;
        }
    }

    /// <summary>Takes an idempotency key from the run that has it.</summary>
    public void TakeKey(string tenant, string key)
    {
        lock (_lock)
        {
            if (!_keys.Remove((tenant, key), out var session) || !_sessions.TryGetValue(session, out var runs)) return;
            var index = runs.FindIndex(r => r.Record.IdempotencyKey == key);
            if (index < 0) return;
            _runs.Remove(runs[index]);
            runs[index] = runs[index] with { Record = runs[index].Record with { IdempotencyKey = null } };
            _runs.Add(runs[index]);
        }
    }

    public void Remove(SessionKey session, string runId)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(session, out var runs) || runs.Find(r => r.Record.Id == runId) is not { } run) return;
            runs.Remove(run);
            if (runs.Count == 0) _sessions.Remove(session);
            _runs.Remove(run);
            Remove(_ids, (session.Tenant, runId), session);
            if (run.Record.IdempotencyKey is { } key) Remove(_keys, (session.Tenant, key), session);
        }
    }

    /// <summary>Remembers a file that is no run in progress: it could not be removed, or has no readable record. Deleting the session removes it.</summary>
    public void AddLeftover(SessionKey session, string path)
    {
        lock (_lock)
        {
            if (!_leftovers.TryGetValue(session, out var paths)) _leftovers[session] = paths = [];
            paths.Add(path);
        }
    }

    public IReadOnlyList<string> TakeLeftovers(SessionKey session)
    {
        lock (_lock) return _leftovers.Remove(session, out var paths) ? paths : [];
    }

    private static void Remove(Dictionary<(string, string), SessionKey> names, (string, string) name, SessionKey session)
    {
        if (names.TryGetValue(name, out var found) && found == session) names.Remove(name);
    }
}
