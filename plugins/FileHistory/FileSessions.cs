using PluginHost.Files.Sessions;
using PluginHost.Files.Storage;

namespace PluginHost.Files;

/// <summary>Keeps the record of each session in one JSON file and its runs in one JSON Lines file beside.</summary>
public sealed class FileSessions : ISessionStore, IPluginLifecycle, IPluginHealth
{
    private readonly FileStore _store;
    private readonly SessionFiles _files;

    /// <summary>Opens the folder, which this host then owns until its last user is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another host owns the folder.</exception>
    public FileSessions(FileSessionsOptions options, IPluginContext context)
        : this(options, context, null)
    {
    }

    internal FileSessions(FileSessionsOptions options, IPluginContext context, Disk? disk)
    {
        _store = FileStore.Open(context, options.Path, disk);
        _files = new SessionFiles(_store);
    }

    /// <summary>Reads the sessions that are there, so that an error in that stops the start.</summary>
    public async ValueTask StartAsync(CancellationToken cancellationToken) =>
        await _store.RunAsync("read the sessions of", new SessionKey("", _store.Folder), Build);

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask<string?> CheckHealthAsync(CancellationToken cancellationToken) => _store.CheckHealthAsync();

    /// <inheritdoc/>
    public async ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        if (query.Id is { } id) return new Page<SessionRecord>(await ReadAsync([new SessionKey(query.Tenant, id)], query, cancellationToken), false);

        var all = _store.Run("list sessions", query.Tenant, () => Build() ? _store.Sessions.List(query.AllTenants ? null : query.Tenant, query.IdleSince) : []);
        var page = Paging.Cut(all, s => s.Key.Id, new PageCut(query.After, query.Before, query.Limit, query.Order));
        return new Page<SessionRecord>(await ReadAsync(page.Items.Select(s => s.Key), query, cancellationToken), page.HasMore);
    }

    /// <inheritdoc/>
    public async ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        if (query is { SessionId: null, RunId: null, IdempotencyKey: null })
            throw new ArgumentException("A query for runs names a session, a run or an idempotency key.", nameof(query));
        if (FindSession(query) is not { } key) return new Page<RunRecord>([], false);

        using var gate = await _store.SessionGates.EnterAsync(key, cancellationToken);
        return _store.Run("read runs of session", key.Id, () => ReadRuns(key, query));
    }

    /// <inheritdoc/>
    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken) =>
        new(_store.Run("count sessions", tenant, () => Build() ? (long)_store.Sessions.List(tenant, null).Count : 0));

    /// <inheritdoc/>
    public async ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        var session = save.Session.Key;
        using var gate = await _store.SessionGates.EnterAsync(session, cancellationToken);
        await _store.RunAsync("save session", session, () =>
        {
            Build();
            _files.Save(save);
            return true;
        });
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken)
    {
        using var gate = await _store.SessionGates.EnterAsync(session, cancellationToken);
        return await _store.RunAsync("delete session", session, () => Build() ? _files.Delete(session) : 0);
    }

    private bool Build()
    {
        _store.Sessions.Build(_files.Build);
        return true;
    }

    private async ValueTask<List<SessionRecord>> ReadAsync(IEnumerable<SessionKey> keys, SessionQuery query, CancellationToken cancellationToken)
    {
        List<SessionRecord> records = [];
        foreach (var key in keys)
        {
            using var gate = await _store.SessionGates.EnterAsync(key, cancellationToken);
            var record = _store.Run("read session", key.Id, () => _files.Read(key));
            if (record is not null && (query.IdleSince is null || record.UpdatedAt < query.IdleSince)) records.Add(record);
        }

        return records;
    }

    /// <summary>The session to look for runs in; null when the index knows that there is none.</summary>
    private SessionKey? FindSession(RunQuery query) => _store.Run<SessionKey?>("find runs of", query.SessionId ?? query.Tenant, () =>
    {
        Build();
        if (query is { RunId: null, IdempotencyKey: null }) return new SessionKey(query.Tenant, query.SessionId!);
        return _store.Sessions.TryFindRun(query, out var found) && (query.SessionId is null || query.SessionId == found.Key.Id) ? found.Key : null;
    });

    private Page<RunRecord> ReadRuns(SessionKey key, RunQuery query)
    {
        if (_store.Sessions.Find(key) is not { } session) return new Page<RunRecord>([], false);
        var isOne = query.RunId is not null || query.IdempotencyKey is not null;
        var heads = _files.Runs.Heads(
            session, h => (query.RunId is null || h.Id == query.RunId) && (query.IdempotencyKey is null || h.IdempotencyKey == query.IdempotencyKey), isOne);
        var page = isOne
            ? new Page<RunHead>(heads, false)
            : Paging.Cut(heads, h => h.Id, new PageCut(query.After, query.Before, query.Limit, query.Order));
        return new Page<RunRecord>(_files.Runs.Read(key, page.Items), page.HasMore);
    }
}
