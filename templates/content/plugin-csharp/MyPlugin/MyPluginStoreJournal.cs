using PluginHost.Sdk;

namespace MyPlugin;

/// <summary>The journal: runs in progress, so that a later process continues them.</summary>
public sealed partial class MyPluginStore : IRunJournal
{
    /// <inheritdoc/>
    public ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken) => _files.ChangeAsync(
        write.Session,
        stored =>
        {
            if (stored is not null && write.NewSession is not null) throw new SessionConflictException(write.Session, 0, stored.Session.Version);
            var entry = stored ?? new Entry(write.NewSession ?? throw new StorageException($"There is no session '{write.Session.Id}'."));
            var old = entry.Open.Find(r => r.Record.Id == write.RunId);
            var open = write.Run is { } run ? _files.Stamp(run) with { Steps = old?.Steps ?? [] } : old ?? throw new StorageException($"Run '{write.RunId}' is not open.");
            if (write.Steps.Count > 0 && write.FirstStep > open.Steps.Count) throw new StorageException($"Run '{write.RunId}' has no step {write.FirstStep - 1}.");
            if (write.Steps.Count > 0) open = open with { Steps = [.. open.Steps.Take(write.FirstStep), .. write.Steps.Select(s => s.ToArray())] };
            var others = entry.Open.RemoveAll(r => r.Record.Id == write.RunId);
            return entry with { Open = [.. others.Add(open).OrderByDescending(r => RunPlace.From(r.Record), NewestFirst)] };
        },
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken)
    {
        var steps = _files.Find(session)?.Open.Find(r => r.Record.Id == runId)?.Steps ?? [];
        var page = steps.Skip(first).Take(limit).Select((document, i) => new JournalStep(first + i, document)).ToList();
        return new(new Page<JournalStep> { Items = page, HasMore = steps.Count > first + page.Count });
    }

    /// <inheritdoc/>
    public ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken)
    {
        var found = _files.All.SelectMany(e => e.Open).Select(r => r.Record)
            .Where(r => query.Tenant is null || r.Session.Tenant == query.Tenant)
            .Where(r => query.Status is null || r.Status == query.Status)
            .Where(r => query.After is not { } after || RunPlace.Compare(RunPlace.From(r), after) < 0)
            .OrderByDescending(RunPlace.From, NewestFirst).ToList();
        var count = Math.Min(query.Limit, found.Count);
        // Runs of several sessions may have one place, which a page must not divide.
        while (count < found.Count && RunPlace.From(found[count]) == RunPlace.From(found[count - 1])) count++;
        return new(new Page<RunRecord> { Items = found[..count], HasMore = found.Count > count });
    }
}
