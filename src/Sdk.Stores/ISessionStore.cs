namespace PluginHost.Sdk;

/// <summary>Keeps the records of sessions and their runs. History providers keep the messages. A host has one store.</summary>
/// <remarks>
/// Methods are called concurrently. One host never overlaps two saves of one session, but a store that several hosts share must
/// refuse the second of two saves of the same version. JSON in a record may be nested up to 1000 levels. A list skips a record that
/// cannot be read; a query for that record alone throws a <see cref="StorageException"/>.
/// </remarks>
public interface ISessionStore
{
    /// <summary>Lists sessions, or finds one.</summary>
    /// <param name="query">Which sessions to return.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The records in the order of the query: by creation, then id and tenant, unless the query sets another order.</returns>
    ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken);

    /// <summary>Lists the runs of a session, or finds one.</summary>
    /// <param name="query">Which runs to return.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The records, sorted by first save in the order of the query.</returns>
    ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Finds runs over all sessions, the newest first. Operators and the console look for errors with it. Override it when the store has
    /// an index of runs by time; <see cref="RunSearch.Collect"/> makes the page.
    /// </summary>
    /// <param name="search">Which runs to find.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A page; null when the store finds no runs over all sessions, which callers then learn. Default: null.</returns>
    ValueTask<RunSearchPage?> SearchRunsAsync(RunSearch search, CancellationToken cancellationToken) => default;

    /// <summary>
    /// Saves a session, one of its runs, and the appends of histories that the store <see cref="Covers"/>: all or nothing,
    /// durably. Writes only what changed.
    /// </summary>
    /// <param name="save">What to save.</param>
    /// <param name="cancellationToken">Cancels the call before anything has been written.</param>
    /// <exception cref="SessionConflictException">The stored version is not <see cref="SessionSave.ExpectedVersion"/>. Nothing was changed.</exception>
    ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a session and its runs so that no byte of their content remains in the store. Does not remove the messages.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The number of removed records of the session and its runs; 0 for an unknown session.</returns>
    ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken);

    /// <summary>
    /// Counts the sessions of a tenant. The host calls it rarely and keeps the count itself. Override it when the store can count
    /// without reading the records.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The number of sessions.</returns>
    async ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken)
    {
        long count = 0;
        var query = new SessionQuery { Tenant = tenant, Limit = 1000 };
        while (true)
        {
            var page = await FindSessionsAsync(query, cancellationToken).ConfigureAwait(false);
            count += page.Items.Count;
            if (!page.HasMore || page.Items.Count == 0) return count;
            query = query with { After = page.Items[^1].Key.Id };
        }
    }

    /// <summary>Whether this store can commit appends of a history together with its save, because both use one database. Default: false.</summary>
    /// <param name="history">A history provider instance of the same host.</param>
    /// <returns>Whether the host may put that provider's appends into <see cref="SessionSave.Appends"/>.</returns>
    bool Covers(IHistoryProvider history) => false;
}
