using PluginHost.Files.Sessions;

namespace PluginHost.Files;

/// <summary>Keeps each run in progress in a file, which is removed when the run ends.</summary>
public sealed partial class FileSessions : IRunJournal
{
    /// <inheritdoc/>
    public async ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken)
    {
        using var held = await _store.SessionLocks.AcquireAsync(write.Session, cancellationToken);
        await _store.RunAsync("write the journal of run", write.RunId, () =>
        {
            OpenIndex();
            _files.Write(write);
        });
    }

    /// <inheritdoc/>
    public async ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        using var held = await _store.SessionLocks.AcquireAsync(session, cancellationToken);
        return await _store.RunAsync("read the journal of run", runId, () =>
        {
            var steps = OpenIndex().OpenRuns.Find(session, runId) is { } run ? _files.OpenRunReader.ReadSteps(run) : [];
            var items = steps.Skip(first).Take(limit).Select((s, i) => new JournalStep(first + i, s));
            return new Page<JournalStep> { Items = [.. items], HasMore = steps.Count - first > limit };
        });
    }

    /// <inheritdoc/>
    public async ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        return await _store.RunAsync("list runs in progress of", query.Tenant ?? "all tenants", () => ReadOpenRuns(OpenIndex().OpenRuns, query));
    }

    private Page<RunRecord> ReadOpenRuns(OpenRunIndex index, OpenRunQuery query)
    {
        List<RunRecord> runs = [];
        var after = query.After;
        while (true)
        {
            var (next, hasMore) = index.List(query, after, query.Limit - runs.Count);
            // Runs that have ended meanwhile, or cannot be read, leave room for more.
            runs.AddRange(next.Select(_files.OpenRunReader.Read).OfType<RunRecord>());
            if (!hasMore || runs.Count >= query.Limit) return new Page<RunRecord> { Items = runs, HasMore = hasMore };
            after = next[^1].Place;
        }
    }
}
