using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Writes the rows of runs in progress.</summary>
internal static class OpenRuns
{
    private const string Upsert =
        """
        INSERT INTO open_runs (session, run, idempotency_key, status, created_at, document) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (run, session) DO UPDATE
        SET idempotency_key = excluded.idempotency_key, status = excluded.status, created_at = excluded.created_at, document = excluded.document
        RETURNING id
        """;

    private const string Find = "SELECT id FROM open_runs WHERE run = $1 AND session = $2";
    private const string DeleteSteps = "DELETE FROM steps WHERE id >= $1 AND id < $2";
    private const string Delete = "DELETE FROM open_runs WHERE id = $1";
    private const string FindAll = "SELECT run FROM open_runs WHERE session = $1 LIMIT 1";

    private const string TakeKey =
        """
        UPDATE open_runs SET idempotency_key = NULL
        WHERE idempotency_key = $2 AND NOT (run = $3 AND session = (SELECT id FROM sessions WHERE tenant = $1 AND session = $4))
            AND (SELECT tenant FROM sessions WHERE id = open_runs.session) = $1
        """;

    private const string TakeKeyOfEnded =
        "UPDATE runs SET idempotency_key = NULL WHERE tenant = $1 AND idempotency_key = $2 AND NOT (run = $3 AND session = $4)";

    /// <returns>The row id; null when the write has no record and the run is not open.</returns>
    public static long? Put(PreparedConnection connection, long session, JournalWrite write, byte[]? document)
    {
        if (write.Run is not { } run) return connection.QueryNumber(Find, write.RunId, session);
        TakeIdempotencyKey(connection, run);
        return connection.QueryNumber(
            Upsert, session, write.RunId, run.IdempotencyKey, (int)run.Status, run.CreatedAt.UtcTicks, document);
    }

    /// <summary>Takes the run's idempotency key from every other run of its tenant.</summary>
    public static void TakeIdempotencyKey(PreparedConnection connection, RunRecord run)
    {
        if (run.IdempotencyKey is not { } key) return;
        connection.Execute(TakeKey, run.Session.Tenant, key, run.Id, run.Session.Id);
        connection.Execute(TakeKeyOfEnded, run.Session.Tenant, key, run.Id, run.Session.Id);
    }

    /// <returns>Whether the run was open.</returns>
    public static bool Remove(PreparedConnection connection, long session, string run)
    {
        if (connection.QueryNumber(Find, run, session) is not { } id) return false;
        connection.Execute(DeleteSteps, Schema.FirstId(id), Schema.FirstId(id + 1));
        connection.Execute(Delete, id);
        return true;
    }

    /// <returns>The number of runs that were open.</returns>
    public static int RemoveAll(PreparedConnection connection, long session)
    {
        var count = 0;
        while (FindFirst(connection, session) is { } run && Remove(connection, session, run)) count++;
        return count;
    }

    private static string? FindFirst(PreparedConnection connection, long session)
    {
        using var row = connection.Query(FindAll, session);
        return row.Read() ? row.GetString(0) : null;
    }
}
