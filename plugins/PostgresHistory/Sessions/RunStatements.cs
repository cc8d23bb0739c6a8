using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The statements that write runs. All follow one that has locked the session's row.</summary>
internal static class RunStatements
{
    // A save has counted the run's position already. A run keeps that of its first end.
    private const string End =
        $"""
        INSERT INTO ~.runs AS r (run, session, tenant, position, place, open, status, idempotency_key, created_at, trouble, document)
        SELECT $3, s.id, $1, s.runs - 1, s.runs - 1, false, $4, $5::bytea, $6, $7, $8 FROM ~.sessions s WHERE s.tenant = $1 AND s.session = $2
        {EndAgain}
        """;

    private const string Open =
        $"""
        INSERT INTO ~.runs AS r (run, session, tenant, place, open, status, idempotency_key, created_at, trouble, document)
        SELECT $3, s.id, $1, {Tables.OpenPlace}, true, $4, $5::bytea, $6, $7, $8 FROM ~.sessions s WHERE s.tenant = $1 AND s.session = $2
        ON CONFLICT (run, session) DO UPDATE SET place = excluded.place, open = true,
        {Changes}
        """;

    /// <summary>Of the insertion of a run that has ended: it may be stored as an open one.</summary>
    public const string EndAgain =
        $"""
        ON CONFLICT (run, session) DO UPDATE
        SET position = coalesce(r.position, excluded.position), place = coalesce(r.position, excluded.position), open = false,
        {Changes}
        """;

    private const string Changes =
        "status = excluded.status, idempotency_key = excluded.idempotency_key, created_at = excluded.created_at, trouble = excluded.trouble, document = excluded.document";

    private const string TakeKey =
        $"UPDATE ~.runs SET idempotency_key = NULL WHERE tenant = $1 AND idempotency_key = $4 AND NOT (run = $3 AND session = {SessionRow.Id})";

    private const string Remove = $"DELETE FROM ~.runs WHERE run = $3 AND session = {SessionRow.Id}";
    private const string RemoveSteps = $"DELETE FROM ~.steps WHERE run = $3 AND session = {SessionRow.Id}";

    /// <summary>Writes a run that has ended.</summary>
    public static void AddEnd(List<Statement> statements, byte[][] key, RunRecord run, bool wasOpen)
    {
        if (wasOpen) statements.Add(new Statement(RemoveSteps, [.. key, StoredText.ToBytes(run.Id)]));
        AddWrite(statements, End, key, run);
    }

    /// <summary>Writes the record of an open run.</summary>
    public static void AddOpen(List<Statement> statements, byte[][] key, RunRecord run) => AddWrite(statements, Open, key, run);

    /// <summary>Removes a run, open or ended.</summary>
    public static void AddRemoval(List<Statement> statements, byte[][] key, string run)
    {
        statements.Add(new Statement(RemoveSteps, [.. key, StoredText.ToBytes(run)]));
        statements.Add(new Statement(Remove, [.. key, StoredText.ToBytes(run)]));
    }

    private static void AddWrite(List<Statement> statements, string sql, byte[][] key, RunRecord run)
    {
        var id = StoredText.ToBytes(run.Id);
        var idempotencyKey = run.IdempotencyKey is { } text ? StoredText.ToBytes(text) : null;
        // A key belongs to the run that was written last.
        if (idempotencyKey is not null) statements.Add(new Statement(TakeKey, [.. key, id, idempotencyKey]));
        statements.Add(new Statement(
            sql, [.. key, id, (short)run.Status, idempotencyKey, run.CreatedAt.UtcTicks, RunSearch.IsTrouble(run), run.ToDocument().ToBytes()]));
    }
}
