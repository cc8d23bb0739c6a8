using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>A run with its JSON, ready for the writer.</summary>
internal sealed class PreparedRun(RunRecord run)
{
    private const string Upsert =
        """
        INSERT INTO runs (id, tenant, session, run, idempotency_key, json, output, usage)
        VALUES ($1, $2, $3, $4, $5, CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($8 AS TEXT))
        ON CONFLICT (run, tenant, session) DO UPDATE
        SET idempotency_key = excluded.idempotency_key, json = excluded.json, output = excluded.output, usage = excluded.usage
        """;

    private const string TakeKey =
        "UPDATE runs SET idempotency_key = NULL WHERE tenant = $1 AND idempotency_key = $2 AND NOT (run = $3 AND session = $4)";

    private readonly byte[] _document = JsonSerializer.SerializeToUtf8Bytes(ToDocument(run), StoreJson.Default.RunDocument);
    private readonly byte[] _output = JsonSerializer.SerializeToUtf8Bytes(run.Output as IList<ChatMessage> ?? [.. run.Output], ChatJson.Messages);
    private readonly byte[]? _usage = run.Usage is null ? null : JsonSerializer.SerializeToUtf8Bytes(run.Usage, ChatJson.Usage);

    /// <param name="connection">The writer's connection.</param>
    /// <param name="id">The row id of a new run; a stored run keeps its row id.</param>
    public void Write(PreparedConnection connection, long id)
    {
        if (run.IdempotencyKey is { } key) connection.Execute(TakeKey, run.Session.Tenant, key, run.Id, run.Session.Id);
        connection.Execute(Upsert, id, run.Session.Tenant, run.Session.Id, run.Id, run.IdempotencyKey, _document, _output, _usage);
    }

    private static RunDocument ToDocument(RunRecord run) => new(run.Agent, run.Status, run.CreatedAt)
    {
        CompletedAt = run.CompletedAt,
        Attempt = run.Attempt,
        Error = run.Error,
        Skipped = run.Skipped.Count == 0 ? null : run.Skipped,
        Failures = run.Failures.Count == 0 ? null : run.Failures,
        TraceId = run.TraceId,
        RequestHash = run.RequestHash,
        Metadata = run.Metadata.Count == 0 ? null : new Dictionary<string, string>(run.Metadata),
        FinishReason = run.FinishReason,
        Details = run.Details,
    };
}
