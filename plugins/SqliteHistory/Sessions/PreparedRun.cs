using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>A run with its document, ready for the writer.</summary>
internal sealed class PreparedRun(RunRecord run)
{
    private const string Upsert =
        """
        INSERT INTO runs (tenant, session, run, idempotency_key, json, output, form, created_at, trouble) VALUES ($1, $2, $3, $4, $5, '', 2, $6, $7)
        ON CONFLICT (run, tenant, session) DO UPDATE
        SET idempotency_key = excluded.idempotency_key, json = excluded.json, output = '', usage = NULL, form = 2,
            created_at = excluded.created_at, trouble = excluded.trouble
        """;

    private readonly ReadOnlyMemory<byte> _document = run.ToDocument();

    /// <summary>Writes the run. A stored run keeps its row id, and a new one gets the greatest.</summary>
    public void Write(PreparedConnection connection)
    {
        OpenRuns.TakeIdempotencyKey(connection, run);
        connection.Execute(
            Upsert, run.Session.Tenant, run.Session.Id, run.Id, run.IdempotencyKey, SqlValue.FromUtf8(_document), run.CreatedAt.UtcTicks, RunSearch.IsTrouble(run) ? 1 : 0);
    }
}
