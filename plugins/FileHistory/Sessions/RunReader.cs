using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>Answers queries for runs of a session: those that have ended, and after them those in progress.</summary>
internal sealed class RunReader(FileStore store, SessionFiles files)
{
    /// <summary>The session whose runs may match; null when there is none.</summary>
    public SessionKey? FindSession(RunQuery query)
    {
        if (query is { RunId: null, IdempotencyKey: null }) return new SessionKey(query.Tenant, query.SessionId!);
        if (store.Sessions.OpenRuns.Find(query) is { } open) return open.Session;
        return store.Sessions.TryFindRun(query, out var found) && (query.SessionId is null || query.SessionId == found.Key.Id) ? found.Key : null;
    }

    /// <summary>Reads a page of runs. The caller holds the session's lock.</summary>
    public Page<RunRecord> Read(SessionKey key, RunQuery query)
    {
        if (store.Sessions.Find(key) is not { } session) return new Page<RunRecord> { Items = [], HasMore = false };
        var open = store.Sessions.OpenRuns.List(key);
        return query.RunId is null && query.IdempotencyKey is null ? List(session, open, query) : Find(session, open, query);
    }

    private Page<RunRecord> Find(SessionEntry session, List<OpenRun> open, RunQuery query)
    {
        var run = open.Find(r => r.Record.Matches(query)) is { } match
            ? files.OpenRunReader.Read(match)
            : files.Runs.Read(session.Key, files.Runs.Find(session, r => r.Matches(query), single: true)).FirstOrDefault();
        return new Page<RunRecord> { Items = run is null ? [] : [run], HasMore = false };
    }

    private Page<RunRecord> List(SessionEntry session, List<OpenRun> open, RunQuery query)
    {
        var openById = open.ToDictionary(r => r.Record.Id, StringComparer.Ordinal);
        // A run that is tried again after it ended is listed once, as the run in progress.
        var runs = files.Runs.Find(session, r => !openById.ContainsKey(r.Id), single: false);
        runs.AddRange(open.Select(r => r.Record));
        var bounds = new PageBounds(query.After, query.Before, query.Limit, query.Order);
        var page = Paging.Cut(Paging.GetPage(runs, r => r.Id, bounds), r => r.Length, query.MaxBytes, bounds.IsFromEnd);
        var ended = files.Runs.Read(session.Key, [.. page.Items.Where(r => !openById.ContainsKey(r.Id))]);
        var inProgress = page.Items.Select(r => openById.GetValueOrDefault(r.Id)).OfType<OpenRun>().Select(files.OpenRunReader.Read).OfType<RunRecord>();
        return new Page<RunRecord> { Items = query.Order == ListOrder.Ascending ? [.. ended, .. inProgress] : [.. inProgress, .. ended], HasMore = page.HasMore };
    }
}
