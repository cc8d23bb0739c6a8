using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>
/// Stores session records, their runs and the journal of runs in progress in a SQLite file. With a history on the same file, the end of
/// a run is one transaction: its messages and records are stored together or not at all.
/// </summary>
public sealed partial class SqliteSessions : ISessionStore, IRunJournal, IPluginLifecycle, IPluginHealth, IResourceHandover
{
    private readonly SqliteHistoryOptions _options;

    public SqliteSessions(SqliteHistoryOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        _options = options;
        Database = Database.Share(options, context);
    }

    internal Database Database { get; }

    /// <inheritdoc/>
    public ValueTask AcquireAsync(CancellationToken cancellationToken)
    {
        Database.Acquire();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(CancellationToken cancellationToken) => Database.ReleaseAsync();

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        Database.Open();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) => Database.CheckHealthAsync(cancellationToken);

    /// <inheritdoc/>
    public bool Covers(IHistoryProvider history) => history is SqliteHistory other && other.Database == Database;

    /// <inheritdoc/>
    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.Limit, "query.Limit");
        if (query.IdleSince is not null) return FindIdleAsync(query, cancellationToken);
        if (query is not { Id: { } id, After: null, Before: null, IdleSince: null, AllTenants: false })
            return Database.Readers.ReadAsync(SessionReader.Read, query, cancellationToken);
        var key = new SessionKey(query.Tenant, id);
        return Database.Sessions.Get(key) is { } known
            ? new ValueTask<Page<SessionRecord>>(new Page<SessionRecord> { Items = [known.Record], HasMore = false })
            : ReadAndCacheAsync(query, key, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.Limit, "query.Limit");
        if (query is { SessionId: null, RunId: null, IdempotencyKey: null })
            throw new ArgumentException("A query for runs must name a session, a run or an idempotency key.", nameof(query));
        return Database.Readers.ReadAsync(RunReader.Read, query, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<RunSearchPage?> SearchRunsAsync(RunSearch search, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        return await Database.Readers.ReadAsync(RunSearcher.Read, search, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken) =>
        Database.Readers.ReadAsync(SessionReader.Count, tenant, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(save);
        var request = new SaveRequest(save, Prepare(save.Appends), Database, _options.SurvivesPowerLoss);
        if (request.ErasesContent) await Database.EraseAsync(request, cancellationToken);
        else await Database.Writer.WriteAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken)
    {
        var request = new DeleteSessionRequest(session, Database.Sessions);
        await Database.EraseAsync(request, cancellationToken);
        return request.Deleted;
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentOutOfRangeException.ThrowIfNegative(write.FirstStep, "write.FirstStep");
        await Database.Writer.WriteAsync(new JournalRequest(write, Database.Sessions, _options.SurvivesPowerLoss), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return Database.Readers.ReadAsync(OpenRunReader.ReadSteps, (session, runId, first, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.Limit, "query.Limit");
        return Database.Readers.ReadAsync(OpenRunReader.Read, query, cancellationToken);
    }

    private async ValueTask<Page<SessionRecord>> FindIdleAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (page, misplaced) = await Database.Readers.ReadAsync(SessionReader.ReadIdle, query, cancellationToken);
            if (misplaced.Count == 0) return page;
            await Database.Writer.WriteAsync(new IndexSessionsRequest(misplaced), cancellationToken);
        }
    }

    private async ValueTask<Page<SessionRecord>> ReadAndCacheAsync(SessionQuery query, SessionKey key, CancellationToken cancellationToken)
    {
        var version = Database.Sessions.GetVersion(key);
        var page = await Database.Readers.ReadAsync(SessionReader.Read, query, cancellationToken);
        if (page.Items.Count == 1) Database.Sessions.AddIfUnchanged(key, new CachedSession(page.Items[0]), version);
        return page;
    }

    private PreparedAppend[] Prepare(IReadOnlyList<CoveredAppend> appends)
    {
        var prepared = new PreparedAppend[appends.Count];
        for (var i = 0; i < prepared.Length; i++)
        {
            if (appends[i].History is not SqliteHistory history || !Covers(history))
                throw new ArgumentException("A save may hold only appends of histories in the same database.", nameof(appends));
            prepared[i] = history.Prepare(appends[i].Append);
        }

        return prepared;
    }
}
