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

/// <summary>Which sessions to return. A session must meet all conditions.</summary>
public sealed record SessionQuery
{
    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Only the session with this id; null for all.</summary>
    public string? Id { get; init; }

    /// <summary>Only sessions after this one in the order of the query; null to begin at the start. An unknown id gives an empty page.</summary>
    public string? After { get; init; }

    /// <summary>Only the nearest sessions before this one in the order of the query; null for no bound. An unknown id gives an empty page.</summary>
    public string? Before { get; init; }

    /// <summary>The maximum number of sessions, 1 or more. Default: 20.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>The order. Default: oldest first.</summary>
    public ListOrder Order { get; init; }

    /// <summary>
    /// Only sessions last saved before this time, ordered by that time, then id and tenant; null for all. Retention reads such a
    /// page of all tenants repeatedly, so the store should not read every session for it.
    /// </summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>
    /// Whether to return sessions of all tenants. Default: false. Only background work of the host sets it. <see cref="Tenant"/>
    /// is then the tenant of <see cref="After"/> and <see cref="Before"/>.
    /// </summary>
    public bool AllTenants { get; init; }
}

/// <summary>Which runs to return. A run must meet all conditions.</summary>
public sealed record RunQuery
{
    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Only runs of this session; null for all of the tenant, which requires <see cref="RunId"/> or <see cref="IdempotencyKey"/>.</summary>
    public string? SessionId { get; init; }

    /// <summary>Only the run with this id; null for all.</summary>
    public string? RunId { get; init; }

    /// <summary>Only the run with this idempotency key; null for all.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Only runs after this one in the order of the query; null to begin at the start. An unknown id gives an empty page.</summary>
    public string? After { get; init; }

    /// <summary>Only the nearest runs before this one in the order of the query; null for no bound. An unknown id gives an empty page.</summary>
    public string? Before { get; init; }

    /// <summary>The maximum number of runs, 1 or more. Default: 20.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>
    /// After how many bytes of output a page ends before <see cref="Limit"/>, at the same end; null for no bound. A page has at least one
    /// run when there is one. Bytes need not be counted exactly: it bounds the memory that a page takes.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>The order. Default: oldest first.</summary>
    public ListOrder Order { get; init; }
}

/// <summary>One save of a session. Immutable.</summary>
public sealed record SessionSave
{
    /// <summary>The record to save; its version is <see cref="ExpectedVersion"/> plus one.</summary>
    public required SessionRecord Session { get; init; }

    /// <summary>The version that the store must hold; 0 when the session must not exist.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>The record as last loaded or saved, from which the store can tell what changed; null for a new session.</summary>
    public SessionRecord? Previous { get; init; }

    /// <summary>A run that ended. The store adds it or replaces the record with the same id. Null when only the session changes.</summary>
    public RunRecord? Run { get; init; }

    /// <summary>
    /// The id of a run of the session to remove so that no byte of its content remains in the store; null for none. An unknown id
    /// is skipped. Never the id of <see cref="Run"/>.
    /// </summary>
    public string? RemovedRun { get; init; }

    /// <summary>Appends of covered histories to commit with the save, in order.</summary>
    public IReadOnlyList<CoveredAppend> Appends { get; init; } = [];

    /// <summary>Session and versions: content does not belong into logs.</summary>
    public override string ToString() => $"SessionSave {Session.Key.Id} version {ExpectedVersion} to {Session.Version}";
}

/// <summary>An append that a session store commits for a history provider.</summary>
public sealed record CoveredAppend
{
    /// <summary>The provider. The store covers it.</summary>
    public required IHistoryProvider History { get; init; }

    /// <summary>The append, with the rules of <see cref="IHistoryProvider.AppendAsync"/>.</summary>
    public required HistoryAppend Append { get; init; }
}

/// <summary>A save expected another version of the session than the store holds. Nothing was changed.</summary>
public sealed class SessionConflictException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="session">The session.</param>
    /// <param name="expected">The version that the save expected.</param>
    /// <param name="found">The version that the store holds; 0 when the session does not exist.</param>
    public SessionConflictException(SessionKey session, long expected, long found)
        : base($"Another save changed session '{session.Id}': expected version {expected}, found {found}.")
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
