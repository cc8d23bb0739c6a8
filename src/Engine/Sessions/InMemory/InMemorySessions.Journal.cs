using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>The journal of the runs in progress. It ends with the process, but keeps the same rules as one on disk.</summary>
internal sealed partial class InMemorySessions : IRunJournal
{
    private readonly HashSet<StoredSession> _withOpenRuns = [];

    public ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var entry = Find(write.Session);
            if (write.NewSession is not null && entry is not null) throw new SessionConflictException(write.Session, 0, entry.Session.Version);
            if (write.NewSession is null && entry is null) throw new StorageException($"There is no session '{write.Session.Id}'.");
            var open = entry?.FindOpen(write.RunId);
            if (open is null && write.Run is null) throw new StorageException($"Run '{write.RunId}' is not open.");
            if (write.Steps.Count > 0 && write.FirstStep > (open?.Steps.Count ?? 0))
                throw new StorageException($"Run '{write.RunId}' has no step {write.FirstStep - 1}.");
            if (write.NewSession is { } session) entry = Add(session);
            if (write.Run is { } run) open = Open(entry!, open, run);
            if (write.Steps.Count > 0) open!.Steps.RemoveRange(write.FirstStep, open.Steps.Count - write.FirstStep);
            foreach (var step in write.Steps) open!.Steps.Add(step.ToArray());
        }

        return default;
    }

    public ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var steps = Find(session)?.FindOpen(runId)?.Steps ?? [];
            var page = steps.Skip(first).Take(limit).Select((document, i) => new JournalStep(first + i, document)).ToList();
            return new(new Page<JournalStep> { Items = page, HasMore = steps.Count > first + page.Count });
        }
    }

    public ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var found = _withOpenRuns.Where(s => query.Tenant is null || s.Session.Key.Tenant == query.Tenant)
                .SelectMany(s => s.Open)
                .Where(o => query.Status is null || o.Record.Status == query.Status)
                .Where(o => query.After is null || o.IsAfter(query.After))
                .Select(o => o.Record)
                .ToList();
            found.Sort(OpenRun.Compare);
            var count = Math.Min(query.Limit, found.Count);
            // Runs of several sessions may share a place, which a page must not divide.
            while (count < found.Count && OpenRun.Compare(found[count - 1], found[count]) == 0) count++;
            return new(new Page<RunRecord> { Items = found.GetRange(0, count), HasMore = found.Count > count });
        }
    }

    private OpenRun Open(StoredSession entry, OpenRun? open, RunRecord run)
    {
        var old = open?.Record ?? entry.FindEnded(run.Id);
        if (old is not null) _byTime.Remove(old);
        if (open is null)
        {
            open = new OpenRun(run);
            entry.AddOpen(open);
            _withOpenRuns.Add(entry);
        }

        open.Record = run;
        Index(run);
        return open;
    }

    private void Close(StoredSession entry, string runId)
    {
        if (entry.FindOpen(runId) is not { } open) return;
        RemoveOpen(entry, open);
        // The order by time holds one record of a run, and refuses the ended one while it has the open one.
        _byTime.Remove(open.Record);
    }

    private void RemoveOpen(StoredSession entry, OpenRun run)
    {
        entry.RemoveOpen(run);
        if (entry.Open.Count == 0) _withOpenRuns.Remove(entry);
    }
}
