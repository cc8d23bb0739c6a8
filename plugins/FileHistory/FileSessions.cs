using PluginHost.Files.Sessions;
using PluginHost.Files.Storage;

namespace PluginHost.Files;

/// <summary>Stores the record of each session in one JSON file, and its runs in one JSON Lines file in the same folder.</summary>
public sealed partial class FileSessions : ISessionStore, IPluginLifecycle, IPluginHealth, IResourceHandover
{
    private readonly FileStore _store;
    private readonly SessionFiles _files;
    private readonly RunReader _runs;

    /// <summary>Creates an instance; <see cref="AcquireAsync"/> takes the folder, until the last instance that uses it is disposed.</summary>
    public FileSessions(FileSessionsOptions options, PluginContext context)
        : this(options, context, null)
    {
    }

    internal FileSessions(FileSessionsOptions options, PluginContext context, DurableFileWriter? fileWriter)
    {
        _store = FileStore.Share(context, options.Path, fileWriter);
        _files = new SessionFiles(_store);
        _runs = new RunReader(_store, _files);
    }

    /// <inheritdoc/>
    public ValueTask AcquireAsync(CancellationToken cancellationToken)
    {
        _store.Acquire();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        _store.Release();
        return default;
    }

    /// <summary>Reads all stored sessions, so that an error prevents the start of the host.</summary>
    public async ValueTask StartAsync(CancellationToken cancellationToken) => await _store.RunAsync("read the sessions of", _store.Folder, OpenIndex);

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) => _store.CheckHealthAsync();

    /// <inheritdoc/>
    public async ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        if (query.Id is { } id)
            return new Page<SessionRecord>
            {
                Items = await ReadAsync(new SessionKey(query.Tenant, id), query, cancellationToken) is { } record ? [record] : [],
                HasMore = false,
            };

        var bounds = new PageBounds(query.After, query.Before, query.Limit, query.Order);
        var all = _store.Run("list sessions", query.Tenant, () => OpenIndex().List(query.AllTenants ? null : query.Tenant, query.IdleSince));
        // Sessions of other tenants may have the id of the cursor.
        var keys = Paging.GetBounded(all, s => s.Key.Tenant == query.Tenant ? s.Key.Id : "", bounds).ConvertAll(s => s.Key);
        return await ReadPageAsync(keys, query, bounds, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        if (query is { SessionId: null, RunId: null, IdempotencyKey: null })
            throw new ArgumentException("A query for runs must name a session, a run or an idempotency key.", nameof(query));
        if (_store.Run("find runs of", query.SessionId ?? query.Tenant, () => FindSession(query)) is not { } key) return new Page<RunRecord> { Items = [], HasMore = false };

        using var held = await _store.SessionLocks.AcquireAsync(key, cancellationToken);
        return await _store.RunAsync("read runs of session", key.Id, () =>
        {
            OpenIndex();
            return _runs.Read(key, query);
        });
    }

    /// <inheritdoc/>
    public async ValueTask<RunSearchPage?> SearchRunsAsync(RunSearch search, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(search.Limit, 1, nameof(search));
        return await _store.RunAsync<RunSearchPage?>(
            "search runs of", search.Tenant ?? "all tenants", () => search.Collect(new RunSearcher(OpenIndex(), _files).Read(search)));
    }

    /// <inheritdoc/>
    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken) =>
        new(_store.Run("count sessions", tenant, () => (long)OpenIndex().List(tenant, null).Count));

    /// <inheritdoc/>
    public async ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        var session = save.Session.Key;
        using var held = await _store.SessionLocks.AcquireAsync(session, cancellationToken);
        await _store.RunAsync("save session", session.Id, () =>
        {
            OpenIndex();
            _files.Save(save);
        });
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken)
    {
        using var held = await _store.SessionLocks.AcquireAsync(session, cancellationToken);
        return await _store.RunAsync("delete session", session.Id, () =>
        {
            OpenIndex();
            return _files.Delete(session);
        });
    }

    /// <summary>The index, built from the files on first use and after the folder was missing.</summary>
    private SessionIndex OpenIndex()
    {
        _store.Sessions.Build(new SessionLoader(_store, _files).AddAllTo);
        return _store.Sessions;
    }

    /// <summary>Reads a page of sessions. Skips a session that cannot be read; a query for it alone reports the error.</summary>
    private async ValueTask<Page<SessionRecord>> ReadPageAsync(
        List<SessionKey> keys, SessionQuery query, PageBounds bounds, CancellationToken cancellationToken)
    {
        List<SessionRecord> records = [];
        if (bounds.IsFromEnd) keys.Reverse();
        var next = 0;
        for (; next < keys.Count && records.Count < bounds.Limit; next++)
        {
            try
            {
                if (await ReadAsync(keys[next], query, cancellationToken) is { } record) records.Add(record);
            }
            catch (StorageException e) when (e.InnerException is InvalidDataException corrupt)
            {
                _store.CorruptLines.ReportFile(_files.GetPath(keys[next]), corrupt);
            }
        }

        if (bounds.IsFromEnd) records.Reverse();
        return new Page<SessionRecord> { Items = records, HasMore = next < keys.Count };
    }

    /// <summary>Reads a session; null when it is gone or no longer idle.</summary>
    private async ValueTask<SessionRecord?> ReadAsync(SessionKey key, SessionQuery query, CancellationToken cancellationToken)
    {
        using var held = await _store.SessionLocks.AcquireAsync(key, cancellationToken);
        // A list of many sessions must not displace those in use.
        var record = query.Id is null
            ? await _store.RunAsync("read session", key.Id, () => _files.Read(key))
            : _store.Run("read session", key.Id, () => _store.Records.Find(key))?.Record ?? await _store.RunAsync("read session", key.Id, () => _files.ReadAndKeep(key));
        return record is not null && (query.IdleSince is null || record.UpdatedAt < query.IdleSince) ? record : null;
    }

    private SessionKey? FindSession(RunQuery query)
    {
        OpenIndex();
        return _runs.FindSession(query);
    }
}
