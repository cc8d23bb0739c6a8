namespace PluginHost.Sqlite;

/// <summary>
/// The tables, as steps from each version to the next. A released step never changes. <c>user_version</c> counts the
/// steps that a file has been through; <c>application_id</c> tells our files from others.
/// </summary>
internal static class Schema
{
    /// <summary>"PHst" in ASCII.</summary>
    public const long ApplicationId = 0x50487374;

    /// <remarks>
    /// A message's and a run's id is its owner's id in the upper and its place in the lower 32 bits: the rows of one session
    /// then stand beside each other on disk, in order, and need no second index. Ids of owners are never given out again.
    /// Indexes begin with the ids of messages and runs, which the host makes in the order of time: new entries then go to the end,
    /// and all runs of a commit share a page or two there.
    /// What may be large (messages, state) is apart from what changes with each run. Times are ticks in UTC.
    /// </remarks>
    private const string Version1 =
        """
        CREATE TABLE histories (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant     TEXT NOT NULL,
            session    TEXT NOT NULL,
            source     TEXT NOT NULL,               -- the history's name in its chain
            first_free INTEGER NOT NULL DEFAULT 1,  -- places below have been used
            UNIQUE (tenant, session, source));

        CREATE TABLE appends (
            history INTEGER NOT NULL,
            run     TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            step    INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            first   INTEGER NOT NULL,               -- ids of its messages
            last    INTEGER NOT NULL,
            PRIMARY KEY (run, history, attempt, step)) WITHOUT ROWID;

        CREATE TABLE messages (
            id         INTEGER PRIMARY KEY,
            history    INTEGER NOT NULL,
            message    TEXT NOT NULL,
            part       INTEGER NOT NULL,            -- 0 input, 1 output, 2 context
            source     TEXT,
            run        TEXT,
            agent      TEXT,
            outcome    INTEGER NOT NULL,            -- 0 completed, 1 failed, 2 cancelled
            error_type TEXT,
            created_at INTEGER NOT NULL,
            json       TEXT NOT NULL);
        CREATE UNIQUE INDEX messages_by_message ON messages (message, history);

        CREATE TABLE sessions (
            id                 INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant             TEXT NOT NULL,
            session            TEXT NOT NULL,
            version            INTEGER NOT NULL,
            created_at         INTEGER NOT NULL,
            updated_at         INTEGER NOT NULL,
            runs               INTEGER NOT NULL,    -- places of runs that have been used
            service_session    TEXT,
            service_client     TEXT,
            history            TEXT,
            transcript_count   INTEGER,
            transcript_first   TEXT,
            transcript_hash    TEXT,
            last_run           TEXT,
            last_trace_parent  TEXT,
            UNIQUE (tenant, session));
        CREATE UNIQUE INDEX sessions_in_order ON sessions (tenant, created_at, session);
        CREATE UNIQUE INDEX sessions_of_all_in_order ON sessions (created_at, session, tenant);

        CREATE TABLE session_parts (
            session INTEGER NOT NULL,
            kind    INTEGER NOT NULL,               -- 0 metadata, 1 state of a scope, 2 member of a snapshot
            name    TEXT NOT NULL,
            json    TEXT NOT NULL,
            PRIMARY KEY (session, kind, name)) WITHOUT ROWID;

        CREATE TABLE runs (
            id              INTEGER PRIMARY KEY,
            tenant          TEXT NOT NULL,
            session         TEXT NOT NULL,
            run             TEXT NOT NULL,
            idempotency_key TEXT,
            json            TEXT NOT NULL,
            output          TEXT NOT NULL,
            usage           TEXT);
        CREATE UNIQUE INDEX runs_by_run ON runs (run, tenant, session);
        CREATE INDEX runs_by_key ON runs (tenant, idempotency_key) WHERE idempotency_key IS NOT NULL;
        """;

    /// <summary>Idle sessions are found without a look at the others.</summary>
    private const string Version2 = "CREATE UNIQUE INDEX sessions_by_last_save ON sessions (updated_at, session, tenant)";

    /// <summary>The steps; the first makes version 1.</summary>
    public static IReadOnlyList<string> Steps { get; } = [Version1, Version2];

    /// <summary>The first id of an owner, exclusive; the last is below that of the next owner.</summary>
    public static long FirstId(long owner) => owner << 32;

    /// <summary>Brings a database to the newest version, in one transaction.</summary>
    /// <returns>The version it had.</returns>
    /// <exception cref="SqliteStoreException">The database is newer, or not one of ours.</exception>
    public static long Migrate(PreparedConnection connection, string path, IReadOnlyList<string> steps)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            var version = connection.Number("PRAGMA user_version") ?? 0;
            Check(connection, path, version, steps.Count);
            for (var step = (int)version; step < steps.Count; step++) connection.Execute(steps[step]);
            if (version < steps.Count)
            {
                connection.Pragma($"application_id={ApplicationId}");
                connection.Pragma($"user_version={steps.Count}");
            }

            connection.Execute("COMMIT");
            return version;
        }
        catch
        {
            if (connection.InTransaction) connection.Execute("ROLLBACK");
            throw;
        }
    }

    private static void Check(PreparedConnection connection, string path, long version, int known)
    {
        var isEmpty = connection.Number("SELECT count(*) FROM sqlite_schema") == 0;
        if (!isEmpty && connection.Number("PRAGMA application_id") != ApplicationId)
            throw new SqliteStoreException($"The database '{path}' was not made by this plugin. Set Path to a file of its own.");
        if (version > known)
        {
            throw new SqliteStoreException(
                $"The database '{path}' has schema version {version}, and this plugin knows versions up to {known}. " +
                "Use the plugin that wrote it or a newer one, or set Path to another file.");
        }
    }
}
