namespace PluginHost.Sdk;

/// <summary>Keeps the records of sessions and their runs; messages are the history providers' part. A host has one store.</summary>
/// <remarks>
/// Methods are called concurrently. The host does not overlap two saves of one session by itself, but a store that several
/// hosts share must still refuse the second of two saves of the same version.
/// </remarks>
public interface ISessionStore
{
    /// <summary>Lists sessions, or finds one.</summary>
    /// <param name="query">Which sessions.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The records in the order of the query: by creation, then id and tenant, unless the query says otherwise.</returns>
    ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken);

    /// <summary>Lists the runs of a session, or finds one.</summary>
    /// <param name="query">Which runs.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The records, by their first save in the order of the query.</returns>
    ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Saves a session, a run of it, and the appends of histories that the store <see cref="Covers"/>: all or nothing,
    /// durably. Writes only what changed.
    /// </summary>
    /// <param name="save">What to save.</param>
    /// <param name="cancellationToken">Cancels the call while nothing has been written.</param>
    /// <exception cref="SessionConflictException">The stored version is not <see cref="SessionSave.ExpectedVersion"/>. Nothing was changed.</exception>
    ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken);

    /// <summary>Removes a session and its runs so that no byte of their content remains in the store. Not the messages.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many records, of the session and its runs, were removed; 0 when the session is not known.</returns>
    ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken);

    /// <summary>
    /// Counts the sessions of a tenant. The host asks seldom and counts on by itself; a store overrides this when it can count
    /// without reading the records.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many there are.</returns>
    async ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken)
    {
        long count = 0;
        var query = new SessionQuery(tenant) { Limit = 1000 };
        while (true)
        {
            var page = await FindSessionsAsync(query, cancellationToken).ConfigureAwait(false);
            count += page.Items.Count;
            if (!page.HasMore || page.Items.Count == 0) return count;
            query = query with { After = page.Items[^1].Key.Id };
        }
    }

    /// <summary>Whether this store can commit an append of a history together with its own save, because both are one database.</summary>
    /// <param name="history">A history provider instance of the same host.</param>
    /// <returns>Whether the host may put that provider's appends into <see cref="SessionSave.Appends"/>.</returns>
    bool Covers(IHistoryProvider history) => false;
}

/// <summary>Which sessions to return.</summary>
/// <param name="Tenant">The tenant.</param>
public sealed record SessionQuery(string Tenant)
{
    /// <summary>Only the session with this id; null for all.</summary>
    public string? Id { get; init; }

    /// <summary>Only sessions after this one, in the order of the query; null from the start. An id that is not known gives an empty page.</summary>
    public string? After { get; init; }

    /// <summary>Only sessions before this one, in the order of the query; the nearest ones. An id that is not known gives an empty page.</summary>
    public string? Before { get; init; }

    /// <summary>How many at most, 1 or more.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>The order; oldest first unless set.</summary>
    public ListOrder Order { get; init; }

    /// <summary>
    /// Only sessions last saved before this time, ordered by that time, then id and tenant; null for all. For retention, which asks
    /// for a page of all tenants again and again: it should not cost a look at every session.
    /// </summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>
    /// Sessions of every tenant; no unless set. Only the host's own background work does so. <see cref="Tenant"/> is then that of
    /// <see cref="After"/> and <see cref="Before"/>.
    /// </summary>
    public bool AllTenants { get; init; }
}

/// <summary>Which runs to return.</summary>
/// <param name="Tenant">The tenant.</param>
public sealed record RunQuery(string Tenant)
{
    /// <summary>Only runs of this session; null for all of the tenant's, which needs <see cref="RunId"/> or <see cref="IdempotencyKey"/>.</summary>
    public string? SessionId { get; init; }

    /// <summary>Only the run with this id; null for all.</summary>
    public string? RunId { get; init; }

    /// <summary>Only the run with this idempotency key; null for all.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Only runs after this one, in the order of the query; null from the start. An id that is not known gives an empty page.</summary>
    public string? After { get; init; }

    /// <summary>Only runs before this one, in the order of the query; the nearest ones. An id that is not known gives an empty page.</summary>
    public string? Before { get; init; }

    /// <summary>How many at most, 1 or more.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>The order; oldest first unless set.</summary>
    public ListOrder Order { get; init; }
}

/// <summary>One save of a session.</summary>
/// <param name="Session">The record to save; its version is <paramref name="ExpectedVersion"/> plus one.</param>
/// <param name="ExpectedVersion">The version that the store must hold; 0 when the session must not exist yet.</param>
public sealed record SessionSave(SessionRecord Session, long ExpectedVersion)
{
    /// <summary>The record that the save starts from, as last loaded or saved, so that the store can tell what changed; null for a new session.</summary>
    public SessionRecord? Previous { get; init; }

    /// <summary>A run that ended: added, or put in the place of the record with the same id. Null when only the session changes.</summary>
    public RunRecord? Run { get; init; }

    /// <summary>
    /// The id of a run of the session whose record is removed so that no byte of its content remains in the store; null for none.
    /// One that is not known is passed over. Never the id of <see cref="Run"/>.
    /// </summary>
    public string? RemovedRun { get; init; }

    /// <summary>Appends of covered histories to commit with the save, in order.</summary>
    public IReadOnlyList<CoveredAppend> Appends { get; init; } = [];
}

/// <summary>An append that a session store commits for a history provider.</summary>
/// <param name="History">The provider, one that the store covers.</param>
/// <param name="Append">The append, with the meaning of <see cref="IHistoryProvider.AppendAsync"/>.</param>
public sealed record CoveredAppend(IHistoryProvider History, HistoryAppend Append);

/// <summary>A save met another version of the session than it expected. Nothing was changed.</summary>
public sealed class SessionConflictException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="session">The session.</param>
    /// <param name="expected">The version that the save expected.</param>
    /// <param name="found">The version that the store holds; 0 when the session does not exist.</param>
    public SessionConflictException(SessionKey session, long expected, long found)
        : base($"Session '{session.Id}' was changed by another save: expected version {expected}, found {found}.")
    {
        Session = session;
        Expected = expected;
        Found = found;
    }

    /// <summary>The session.</summary>
    public SessionKey Session { get; }

    /// <summary>The version that the save expected.</summary>
    public long Expected { get; }

    /// <summary>The version that the store holds.</summary>
    public long Found { get; }
}
