namespace PluginHost.Sqlite;

/// <summary>The tables, as migration steps from each version to the next. A released step never changes.</summary>
internal static class SchemaSteps
{
    /// <summary>The steps; the first creates version 1.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Version1, Version2, Version3, Version4, Version5, Version6, Version7, Version8, Version9];

    /// <remarks>
    /// Messages and runs have ids in the order of their commits, so that the rows of a commit share pages at the end of the file's tables;
    /// before version 7, their owner's id was in the upper 32 bits. Owner ids are never reused. Indexes start with ids of messages and
    /// runs, which the host creates in time order, so new entries go to the end. Large values (messages, state) are separate from values
    /// that change with every run. Times are UTC ticks.
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

    /// <summary>Adds the index that finds idle sessions without reading the others.</summary>
    private const string Version2 = "CREATE UNIQUE INDEX sessions_by_last_save ON sessions (updated_at, session, tenant)";

    /// <summary>
    /// Documents of the SDK. Rows of earlier versions keep their form until they are written again, so that a large database opens at once.
    /// </summary>
    private const string Version3 =
        """
        ALTER TABLE messages ADD COLUMN form INTEGER NOT NULL DEFAULT 1; -- 2: json is a document, and agent, error_type and source are in it alone
        ALTER TABLE runs ADD COLUMN form INTEGER NOT NULL DEFAULT 1;     -- 2: json is a document; output and usage are in it alone
        ALTER TABLE sessions ADD COLUMN document TEXT;                   -- without its parts; NULL: the columns from service_session on hold it
        """;

    /// <summary>Adds the indexes that find runs over all sessions: all by time, and those with trouble alone.</summary>
    private const string Version4 =
        """
        ALTER TABLE runs ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE runs ADD COLUMN trouble INTEGER NOT NULL DEFAULT 0;   -- it failed, or a plugin or a tool failed in it
        UPDATE runs SET
            created_at = 621355968000000000 + 10000000 * CAST(strftime('%s', substr(old.time, 1, 19)) AS INTEGER)
                + CASE substr(old.time, 20, 1) WHEN '.' THEN CAST(substr(substr(old.time, 21, length(old.time) - 26) || '0000000', 1, 7) AS INTEGER) ELSE 0 END,
            trouble = old.trouble
        FROM (
            SELECT id, coalesce(json_extract(document, '$.createdAt'), json_extract(document, '$.created_at')) AS time,
                lower(json_extract(document, '$.status')) = 'failed'
                    OR coalesce(json_array_length(document, '$.skipped'), 0) > 0 OR coalesce(json_array_length(document, '$.failures'), 0) > 0 AS trouble
            FROM (SELECT id, CASE WHEN json_valid(json) THEN json END AS document FROM runs)) AS old
        WHERE runs.id = old.id AND old.time IS NOT NULL AND old.trouble IS NOT NULL;
        CREATE INDEX runs_by_time ON runs (created_at, run);
        CREATE INDEX runs_with_trouble ON runs (created_at, run) WHERE trouble = 1;
        """;

    /// <summary>
    /// Adds the journal of runs in progress. A step's id holds the open run's id in the upper and its position in the lower 32 bits.
    /// </summary>
    private const string Version5 =
        """
        CREATE TABLE open_runs (
            id              INTEGER PRIMARY KEY,
            session         INTEGER NOT NULL,
            run             TEXT NOT NULL,
            idempotency_key TEXT,
            status          INTEGER NOT NULL,           -- 0 queued, 1 running, 5 requires action
            trouble         INTEGER NOT NULL,           -- a plugin or a tool failed in it
            created_at      INTEGER NOT NULL,
            document        BLOB NOT NULL);
        CREATE UNIQUE INDEX open_runs_by_run ON open_runs (run, session);
        CREATE INDEX open_runs_by_session ON open_runs (session);
        CREATE INDEX open_runs_by_status ON open_runs (status, created_at, run);
        CREATE INDEX open_runs_by_key ON open_runs (idempotency_key) WHERE idempotency_key IS NOT NULL;

        CREATE TABLE steps (
            id       INTEGER PRIMARY KEY,
            document BLOB NOT NULL);
        """;

    /// <summary>
    /// Adds explanations of runs, in the order of their writes. Triggers count the bytes of each tenant, so that a write need not read its others.
    /// </summary>
    private const string Version6 =
        """
        CREATE TABLE explanations (
            id       INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant   TEXT NOT NULL,
            session  INTEGER NOT NULL,
            run      TEXT NOT NULL,
            document BLOB NOT NULL);
        CREATE UNIQUE INDEX explanations_by_run ON explanations (run, session);
        CREATE INDEX explanations_by_session ON explanations (session);
        CREATE INDEX explanations_by_tenant ON explanations (tenant);

        CREATE TABLE explanation_bytes (
            tenant TEXT PRIMARY KEY,
            bytes  INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TRIGGER explanation_added AFTER INSERT ON explanations BEGIN
            INSERT INTO explanation_bytes VALUES (new.tenant, length(new.document)) ON CONFLICT (tenant) DO UPDATE SET bytes = bytes + excluded.bytes;
        END;
        CREATE TRIGGER explanation_removed AFTER DELETE ON explanations BEGIN
            UPDATE explanation_bytes SET bytes = bytes - length(old.document) WHERE tenant = old.tenant;
            DELETE FROM explanation_bytes WHERE tenant = old.tenant AND bytes = 0;
        END;
        """;

    /// <summary>
    /// Indexes for the messages and runs of a session, whose ids no longer begin with their owner's. Their earlier ids are smaller than all
    /// new ones, so earlier rows stay as they are. A save no longer moves the session's entry in the index by last save.
    /// </summary>
    private const string Version7 =
        """
        CREATE INDEX messages_in_order ON messages (history);       -- then by id
        CREATE INDEX runs_in_order ON runs (session, tenant);       -- then by id
        CREATE TABLE message_ids (first_free INTEGER NOT NULL);     -- ids below have been used
        INSERT INTO message_ids SELECT coalesce((max(id) + 1) << 32, 1) FROM histories;

        DROP INDEX sessions_by_last_save;
        ALTER TABLE sessions ADD COLUMN indexed_at INTEGER NOT NULL DEFAULT 0;  -- an earlier value of updated_at, or the same
        UPDATE sessions SET indexed_at = updated_at;
        CREATE UNIQUE INDEX sessions_by_last_save ON sessions (indexed_at, session, tenant);
        """;

    /// <summary>Adds the index that finds pinned messages without reading the others.</summary>
    private const string Version8 =
        """
        ALTER TABLE messages ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;  -- 1: it stays when older ones are left out
        CREATE INDEX messages_pinned ON messages (history) WHERE pinned = 1; -- then by id
        """;

    /// <summary>
    /// Replaces the indexes of messages and runs by owner with tables, because SQLite adds each row to an index immediately: new rows are in lists by id until
    /// <see cref="NewRows"/> moves many together. Triggers maintain all of them. Column names differ from those of messages and runs, so that joins need no prefix.
    /// </summary>
    private const string Version9 =
        """
        CREATE TABLE message_places (
            owner INTEGER NOT NULL,                 -- the history
            place INTEGER NOT NULL,                 -- the message's id
            PRIMARY KEY (owner, place)) WITHOUT ROWID;
        INSERT INTO message_places SELECT history, id FROM messages ORDER BY history, id;
        DROP INDEX messages_in_order;
        CREATE TABLE new_messages (place INTEGER PRIMARY KEY, owner INTEGER NOT NULL);
        CREATE TRIGGER message_added AFTER INSERT ON messages BEGIN
            INSERT INTO new_messages VALUES (new.id, new.history);
        END;
        CREATE TRIGGER message_removed AFTER DELETE ON messages BEGIN
            DELETE FROM message_places WHERE owner = old.history AND place = old.id;
            DELETE FROM new_messages WHERE place = old.id;
        END;

        CREATE TABLE run_places (
            owner     TEXT NOT NULL,                -- the session
            tenant_of TEXT NOT NULL,
            place     INTEGER NOT NULL,             -- the run's id
            PRIMARY KEY (owner, tenant_of, place)) WITHOUT ROWID;
        INSERT INTO run_places SELECT session, tenant, id FROM runs ORDER BY session, tenant, id;
        DROP INDEX runs_in_order;
        CREATE TABLE new_runs (place INTEGER PRIMARY KEY, owner TEXT NOT NULL, tenant_of TEXT NOT NULL);
        CREATE TRIGGER run_added AFTER INSERT ON runs BEGIN
            INSERT INTO new_runs VALUES (new.id, new.session, new.tenant);
        END;
        CREATE TRIGGER run_removed AFTER DELETE ON runs BEGIN
            DELETE FROM run_places WHERE owner = old.session AND tenant_of = old.tenant AND place = old.id;
            DELETE FROM new_runs WHERE place = old.id;
        END;
        """;
}
