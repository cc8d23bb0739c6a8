using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Writes the rows of runs in progress.</summary>
internal static class OpenRuns
{
    private const string Insert =
        """
        INSERT INTO open_runs (session, run, idempotency_key, status, created_at, document, trouble) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (run, session) DO NOTHING RETURNING id
        """;

    private const string Update =
        """
        UPDATE open_runs SET idempotency_key = $3, status = $4, created_at = $5, document = $6, trouble = $7
        WHERE session = $1 AND run = $2 RETURNING id
        """;

    private const string Find = "SELECT id FROM open_runs WHERE run = $1 AND session = $2";
    private const string FindStep = "SELECT id FROM steps WHERE id = $1";
    private const string InsertStep = "INSERT INTO steps (id, document) VALUES ($1, $2)";
    private const string DeleteSteps = "DELETE FROM steps WHERE id >= $1 AND id < $2";
    private const string Delete = "DELETE FROM open_runs WHERE id = $1";
    private const string DeleteRun = "DELETE FROM open_runs WHERE run = $1 AND session = $2 RETURNING id";
    private const string FindFirst = "SELECT id FROM open_runs WHERE session = $1 LIMIT 1";

    private const string TakeKey =
        """
        UPDATE open_runs SET idempotency_key = NULL
        WHERE idempotency_key = $2 AND NOT (run = $3 AND session = (SELECT id FROM sessions WHERE tenant = $1 AND session = $4))
            AND (SELECT tenant FROM sessions WHERE id = open_runs.session) = $1
        """;

    private const string TakeKeyOfEnded =
        "UPDATE runs SET idempotency_key = NULL WHERE tenant = $1 AND idempotency_key = $2 AND NOT (run = $3 AND session = $4)";

    /// <returns>The row id, and whether the run is new; no row id when the write has no record and the run is not open.</returns>
    public static (long? Id, bool IsNew) Put(PreparedConnection connection, long session, JournalWrite write, ReadOnlyMemory<byte> document)
    {
        if (write.Run is not { } run) return (connection.QueryNumber(Find, write.RunId, session), false);
        TakeIdempotencyKey(connection, run);
        return WriteRow(Insert) is { } added ? (added, true) : (WriteRow(Update), false);

        long? WriteRow(string sql) => connection.QueryNumber(
            sql, session, write.RunId, run.IdempotencyKey, (int)run.Status, run.CreatedAt.UtcTicks, document, RunSearch.IsTrouble(run) ? 1 : 0);
    }

    /// <summary>Replaces the steps of a run from a position on. A new run has none.</summary>
    public static void PutSteps(PreparedConnection connection, long run, JournalWrite write, bool isNew)
    {
        if (write.Steps.Count == 0) return;
        var first = Schema.FirstId(run) + write.FirstStep;
        if (write.FirstStep > 0 && connection.QueryNumber(FindStep, first - 1) is null)
            throw new SqliteStoreException($"The journal of run '{write.RunId}' has no step {write.FirstStep - 1}.");
        if (!isNew) connection.Execute(DeleteSteps, first, Schema.FirstId(run + 1));
        for (var i = 0; i < write.Steps.Count; i++) connection.Execute(InsertStep, first + i, write.Steps[i]);
    }

    /// <summary>Takes the run's idempotency key from every other run of its tenant.</summary>
    public static void TakeIdempotencyKey(PreparedConnection connection, RunRecord run)
    {
        if (run.IdempotencyKey is not { } key) return;
        connection.Execute(TakeKey, run.Session.Tenant, key, run.Id, run.Session.Id);
        connection.Execute(TakeKeyOfEnded, run.Session.Tenant, key, run.Id, run.Session.Id);
    }

    /// <summary>Removes a run with its steps. Has no effect when it is not open.</summary>
    public static void Remove(PreparedConnection connection, long session, string run)
    {
        if (connection.QueryNumber(DeleteRun, run, session) is { } id) RemoveSteps(connection, id);
    }

    /// <returns>The number of runs that were open.</returns>
    public static int RemoveAll(PreparedConnection connection, long session)
    {
        var count = 0;
        for (; connection.QueryNumber(FindFirst, session) is { } id; count++) Remove(connection, id);
        return count;
    }

    private static void Remove(PreparedConnection connection, long id)
    {
        RemoveSteps(connection, id);
        connection.Execute(Delete, id);
    }

    private static void RemoveSteps(PreparedConnection connection, long id) =>
        connection.Execute(DeleteSteps, Schema.FirstId(id), Schema.FirstId(id + 1));
}
