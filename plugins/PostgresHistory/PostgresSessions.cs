using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// Stores session records, their runs and the journal of runs in progress in PostgreSQL. With a history in the same schema, the end of a
/// run is one transaction in one round trip: its messages and records are stored together or not at all.
/// </summary>
public sealed partial class PostgresSessions : ISessionStore, IPluginLifecycle, IPluginHealth
{
    public PostgresSessions(PostgresOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        Database = Database.Share(options, context);
    }

    internal Database Database { get; }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken) => Database.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) => Database.CheckHealthAsync(cancellationToken);

    /// <inheritdoc/>
    public bool Covers(IHistoryProvider history) => history is PostgresHistory other && other.Database == Database;

    /// <inheritdoc/>
    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.Limit, "query.Limit");
        if (query is not { Id: { } id, After: null, Before: null, IdleSince: null, AllTenants: false }) return SessionReader.ReadAsync(Database, query, cancellationToken);
        var key = new SessionKey(query.Tenant, id);
        return Database.Cache.Find(key)?.Record is { } known
            ? new ValueTask<Page<SessionRecord>>(new Page<SessionRecord> { Items = [known], HasMore = false })
            : ReadAndKeepAsync(query, key, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.Limit, "query.Limit");
        if (query is { SessionId: null, RunId: null, IdempotencyKey: null })
            throw new ArgumentException("A query for runs must name a session, a run or an idempotency key.", nameof(query));
        return RunReader.ReadAsync(Database, query, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<RunSearchPage?> SearchRunsAsync(RunSearch search, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        return await RunSearcher.ReadAsync(Database, search, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken) => SessionReader.CountAsync(Database, tenant, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(save);
        if (save.Appends.Any(a => !Covers(a.History)))
            throw new ArgumentException("A save may hold only appends of histories in the same database.", nameof(save));
        var prepared = new PreparedSave(save);
        var key = save.Session.Key;
        var fence = await Database.Fences.RequireAsync(key, cancellationToken);
        var change = Database.Cache.BeginChange(key, fence);
        var isStored = false;
        try
        {
            await SaveAsync(prepared, fence, cancellationToken);
            Database.Fences.Trust(key);
            isStored = true;
        }
        catch (Exception e)
        {
            if (Database.MayBeStored(e)) Database.Fences.Doubt(key, fence, isSave: true);
            throw;
        }
        finally
        {
            if (isStored) Database.Cache.End(change, prepared.Apply);
            else SessionCache.End(change);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) =>
        await Database.WriteAsync("delete session", session, DeletionStatements.From(session), cancellationToken);

    private async ValueTask SaveAsync(PreparedSave save, long? fence, CancellationToken cancellationToken)
    {
        var outcome = SaveOutcome.NotStored;
        if (WaitingSave.From(save, fence) is { } waiting) outcome = await Database.Groups.WriteAsync(waiting, cancellationToken);
        if (outcome == SaveOutcome.Stored) return;
        try
        {
            await Database.WriteFencedAsync("save", save.Save.Session.Key, fence, SaveStatements.From(save), cancellationToken, outcome == SaveOutcome.Unknown);
        }
        catch (RefusedException e) when (e.Reason == SaveStatements.Conflict)
        {
            await ThrowUnlessStoredAsync(save.Save.Session, save.Save.ExpectedVersion, e);
        }
    }

    private async ValueTask<Page<SessionRecord>> ReadAndKeepAsync(SessionQuery query, SessionKey key, CancellationToken cancellationToken)
    {
        var begun = Database.Cache.BeginRead(key);
        var page = await SessionReader.ReadAsync(Database, query, cancellationToken);
        if (page.Items is [var record]) Database.Cache.Add(key, begun, known => known with { Record = record });
        return page;
    }

    /// <summary>
    /// Reports a conflict, unless the write was sent twice after a lost connection and the stored record is its own: then the first try has
    /// committed it.
    /// </summary>
    private async ValueTask ThrowUnlessStoredAsync(SessionRecord record, long expectedVersion, RefusedException refusal)
    {
        var query = new SessionQuery { Tenant = record.Key.Tenant, Id = record.Key.Id };
        var page = await SessionReader.ReadAsync(Database, query, CancellationToken.None);
        var found = page.Items.Count == 0 ? null : page.Items[0];
        if (refusal.IsRepeated && found is not null && found.ToDocument().Span.SequenceEqual(record.ToDocument().Span)) return;
        throw new SessionConflictException(record.Key, expectedVersion, found?.Version ?? 0);
    }
}
