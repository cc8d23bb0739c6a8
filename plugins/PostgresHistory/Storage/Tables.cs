namespace PluginHost.Postgres;

/// <summary>
/// The tables, as migration steps from each version to the next. A released step never changes, and only adds: hosts of the version
/// before must be able to work beside it, until a later step says in <see cref="MigrationStep.OldestReader"/> that they are gone.
/// </summary>
internal static class Tables
{
    /// <summary>The SQLSTATE of a write whose condition is not met.</summary>
    public const string Refused = "PH001";

    /// <summary>The position of a run that has not ended: behind all that have.</summary>
    public const string OpenPlace = "9223372036854775807";

    /// <remarks>
    /// Ids are UTF-8 bytes, documents are those of the SDK, times are UTC ticks. The positions of messages and runs are counted in the row of
    /// their history or session, whose lock puts the writers in order.
    /// </remarks>
    private const string Version1 =
        """
        CREATE FUNCTION ~.refuse(reason text) RETURNS void LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'PH001', MESSAGE = reason; END $$;

        CREATE TABLE ~.histories (
            id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant  bytea NOT NULL,
            session bytea NOT NULL,
            source  bytea NOT NULL,                -- the history's name in its chain
            next    bigint NOT NULL,               -- the position of the next message
            UNIQUE (tenant, session, source));

        CREATE TABLE ~.appends (
            history bigint NOT NULL,
            run     bytea NOT NULL,
            attempt integer NOT NULL,
            step    integer NOT NULL,
            outcome smallint NOT NULL,             -- 0 completed, 1 failed, 2 cancelled
            first   bigint NOT NULL,               -- the positions of its messages
            last    bigint NOT NULL,
            PRIMARY KEY (history, run, attempt, step));

        CREATE TABLE ~.messages (
            history  bigint NOT NULL,
            position bigint NOT NULL,
            message  bytea NOT NULL,
            outcome  smallint NOT NULL,
            document bytea NOT NULL,
            PRIMARY KEY (history, position));
        CREATE UNIQUE INDEX messages_by_message ON ~.messages (message, history);

        CREATE TABLE ~.sessions (
            id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant     bytea NOT NULL,
            session    bytea NOT NULL,
            version    bigint NOT NULL,
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            runs       bigint NOT NULL,            -- the position of the next run
            document   bytea NOT NULL,             -- without metadata, state and extensions
            details    bytea NOT NULL,             -- a document with these alone, written when they change
            UNIQUE (tenant, session));
        CREATE INDEX sessions_in_order ON ~.sessions (tenant, created_at, session);
        CREATE INDEX sessions_by_last_save ON ~.sessions (updated_at, session, tenant);

        CREATE TABLE ~.runs (
            run             bytea NOT NULL,
            session         bigint NOT NULL,
            tenant          bytea NOT NULL,
            position        bigint,                -- of its first end; null before it
            place           bigint NOT NULL,       -- the position, or the greatest number while the run is open
            open            boolean NOT NULL,
            status          smallint NOT NULL,     -- 0 queued, 1 running, 2 completed, 3 failed, 4 cancelled, 5 requires action
            idempotency_key bytea,
            created_at      bigint NOT NULL,
            trouble         boolean NOT NULL,      -- it failed, or a plugin or a tool failed in it
            document        bytea NOT NULL,
            PRIMARY KEY (run, session));
        CREATE INDEX runs_in_order ON ~.runs (session, place, created_at, run);
        CREATE INDEX runs_by_time ON ~.runs (created_at, run);
        CREATE INDEX runs_with_trouble ON ~.runs (created_at, run) WHERE trouble;
        CREATE INDEX runs_open ON ~.runs (status, created_at, run) WHERE open;
        CREATE UNIQUE INDEX runs_by_key ON ~.runs (tenant, idempotency_key) WHERE idempotency_key IS NOT NULL;

        CREATE TABLE ~.steps (
            run      bytea NOT NULL,
            session  bigint NOT NULL,
            position integer NOT NULL,
            document bytea NOT NULL,
            PRIMARY KEY (run, session, position));
        """;

    // Hosts of version 1 do not check whose a session is.
    private const string Version2 =
        """
        CREATE TABLE ~.hosts (
            id         text PRIMARY KEY,
            name       text NOT NULL,
            address    text,                       -- where other hosts reach it
            version    text NOT NULL,
            started_at bigint NOT NULL,
            agents     text[] NOT NULL,
            runs       integer NOT NULL,
            process    text NOT NULL,
            until      timestamptz NOT NULL);      -- the end of its lease

        CREATE TABLE ~.claims (
            tenant  bytea NOT NULL,
            session bytea NOT NULL,                -- it need not exist
            host    text NOT NULL,
            fence   bigint NOT NULL,               -- rises with each change of the host
            PRIMARY KEY (tenant, session));
        CREATE INDEX claims_by_host ON ~.claims (host);
        CREATE SEQUENCE ~.fences;
        """;

    // A table, because an index of the messages would keep hosts of version 2 from writing while it is built. They write no pinned messages, and
    // delete them here with the messages.
    private const string Version3 =
        """
        CREATE TABLE ~.pinned_messages (           -- they stay when older ones are left out
            history  bigint NOT NULL,
            position bigint NOT NULL,
            PRIMARY KEY (history, position),
            FOREIGN KEY (history, position) REFERENCES ~.messages ON DELETE CASCADE);
        """;

    // Triggers count the bytes of each tenant, because hosts of version 3 delete runs, and with them explanations, without counting.
    private const string Version4 =
        """
        CREATE TABLE ~.explanations (
            run      bytea NOT NULL,
            session  bigint NOT NULL,
            tenant   bytea NOT NULL,
            number   bigint GENERATED ALWAYS AS IDENTITY,  -- in the order of their last writes
            size     bigint NOT NULL,
            document bytea NOT NULL,
            PRIMARY KEY (run, session),
            FOREIGN KEY (run, session) REFERENCES ~.runs ON DELETE CASCADE);
        CREATE INDEX explanations_by_session ON ~.explanations (session);
        CREATE INDEX explanations_in_order ON ~.explanations (tenant, number);

        CREATE TABLE ~.explanation_bytes (
            tenant bytea PRIMARY KEY,
            bytes  bigint NOT NULL);
        CREATE FUNCTION ~.count_explanations() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                UPDATE ~.explanation_bytes SET bytes = bytes + coalesce(NEW.size, 0) - coalesce(OLD.size, 0) WHERE tenant = coalesce(NEW.tenant, OLD.tenant);
                RETURN NULL;
            END $$;
        CREATE TRIGGER explanations_counted AFTER INSERT OR UPDATE OR DELETE ON ~.explanations FOR EACH ROW EXECUTE FUNCTION ~.count_explanations();

        -- Removes the oldest ones of a tenant. Those that another transaction removes are skipped: waiting for it could be mutual.
        CREATE FUNCTION ~.trim_explanations(of_tenant bytea, most bigint) RETURNS void LANGUAGE plpgsql AS
            $$ BEGIN
                WHILE (SELECT bytes FROM ~.explanation_bytes WHERE tenant = of_tenant) > most LOOP
                    DELETE FROM ~.explanations WHERE (run, session) =
                        (SELECT run, session FROM ~.explanations WHERE tenant = of_tenant ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED);
                    EXIT WHEN NOT FOUND;
                END LOOP;
            END $$;
        """;

    // The newest explanation stays when older ones are locked, and a tenant without explanations has no row.
    private const string Version5 =
        """
        CREATE OR REPLACE FUNCTION ~.count_explanations() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                UPDATE ~.explanation_bytes SET bytes = bytes + coalesce(NEW.size, 0) - coalesce(OLD.size, 0) WHERE tenant = coalesce(NEW.tenant, OLD.tenant);
                DELETE FROM ~.explanation_bytes WHERE tenant = coalesce(NEW.tenant, OLD.tenant) AND bytes = 0;
                RETURN NULL;
            END $$;

        CREATE OR REPLACE FUNCTION ~.trim_explanations(of_tenant bytea, most bigint) RETURNS void LANGUAGE plpgsql AS
            $$ BEGIN
                WHILE (SELECT bytes FROM ~.explanation_bytes WHERE tenant = of_tenant) > most LOOP
                    DELETE FROM ~.explanations WHERE (run, session) =
                        (SELECT run, session FROM ~.explanations
                            WHERE tenant = of_tenant AND number < (SELECT max(number) FROM ~.explanations WHERE tenant = of_tenant)
                            ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED);
                    EXIT WHEN NOT FOUND;
                END LOOP;
                -- A write to a run that does not exist has locked a row without bytes.
                DELETE FROM ~.explanation_bytes WHERE tenant = of_tenant AND bytes = 0;
            END $$;

        DELETE FROM ~.explanation_bytes WHERE bytes = 0;
        """;

    /// <summary>The steps; the first creates version 1.</summary>
    public static IReadOnlyList<MigrationStep> Steps { get; } =
    [
        new(Version1, OldestReader: 1), new(Version2, OldestReader: 2), new(Version3, OldestReader: 2), new(Version4, OldestReader: 2), new(Version5, OldestReader: 2),
    ];
}

/// <summary>A step to the next version of the schema.</summary>
/// <param name="Sql">The statements.</param>
/// <param name="OldestReader">The oldest version whose hosts can use the schema after the step.</param>
internal sealed record MigrationStep(string Sql, int OldestReader);
