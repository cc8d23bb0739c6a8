using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// The statements of a save. The first locks the session's row and checks its version; when that fails, the server executes none of the others.
/// </summary>
internal static class SaveStatements
{
    /// <summary>Another version is stored.</summary>
    public const string Conflict = "conflict";

    private const string Insert =
        """
        WITH s AS (
            INSERT INTO ~.sessions (tenant, session, version, created_at, updated_at, document, details, runs) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT ~.refuse('conflict') WHERE NOT EXISTS (SELECT 1 FROM s)
        """;

    private const string Update =
        """
        WITH s AS (
            UPDATE ~.sessions SET version = $3, updated_at = $4, document = $5, details = coalesce($6::bytea, details), runs = runs + $7
            WHERE tenant = $1 AND session = $2 AND version = $8 RETURNING 1)
        SELECT ~.refuse('conflict') WHERE NOT EXISTS (SELECT 1 FROM s)
        """;

    public static List<Statement> From(PreparedSave prepared)
    {
        var save = prepared.Save;
        var key = SessionRow.Key(save.Session.Key);
        var statements = new List<Statement> { Session(save.Session, save.ExpectedVersion, save.Previous, newRuns: save.Run is null ? 0 : 1) };
        if (save.RemovedRun is { } removed) RunStatements.AddRemoval(statements, key, removed);
        if (save.Run is { } run) RunStatements.AddEnd(statements, key, run, save.EndsRun);
        foreach (var (source, append) in prepared.Appends) statements.AddRange(AppendStatements.From(source, append));
        return statements;
    }

    /// <summary>The statement that writes a session.</summary>
    /// <param name="record">The record.</param>
    /// <param name="expectedVersion">The version that must be stored; 0 for none.</param>
    /// <param name="previous">A record from which changes can be found; null for none.</param>
    /// <param name="newRuns">How many positions of runs the save takes.</param>
    public static Statement Session(SessionRecord record, long expectedVersion, SessionRecord? previous, long newRuns)
    {
        object?[] key = SessionRow.Key(record.Key);
        var document = SessionRow.ToDocument(record);
        if (expectedVersion == 0)
            return new Statement(Insert, [.. key, record.Version, record.CreatedAt.UtcTicks, record.UpdatedAt.UtcTicks, document, SessionRow.ToDetails(record, null), newRuns]);
        return new Statement(Update, [.. key, record.Version, record.UpdatedAt.UtcTicks, document, Details(record, expectedVersion, previous), newRuns, expectedVersion]);
    }

    /// <summary>The details to write; null when they have not changed, which is known only relative to the stored version.</summary>
    public static byte[]? Details(SessionRecord record, long expectedVersion, SessionRecord? previous) =>
        SessionRow.ToDetails(record, previous?.Version == expectedVersion ? previous : null);
}
