using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// The statements that write, read and delete explanations of runs. A write locks its run and then the count of its tenant; a deletion locks the
/// session or the run first. So they wait for each other in one order.
/// </summary>
internal static class ExplanationStatements
{
    // A deletion of the session or the run is waited for, a save is not.
    private const string LockRun =
        "SELECT 1 FROM ~.runs r JOIN ~.sessions s ON s.id = r.session WHERE s.tenant = $1 AND s.session = $2 AND r.run = $3 FOR KEY SHARE";

    // A SELECT, so that only written explanations are counted.
    private const string LockCount =
        """
        WITH c AS (INSERT INTO ~.explanation_bytes AS b (tenant, bytes) VALUES ($1, 0) ON CONFLICT (tenant) DO UPDATE SET bytes = b.bytes)
        SELECT 1
        """;

    private const string Put =
        $"""
        INSERT INTO ~.explanations AS e (run, session, tenant, size, document)
        SELECT run, session, $1, octet_length($4), $4 FROM ~.runs WHERE run = $3 AND session = {SessionRow.Id}
        ON CONFLICT (run, session) DO UPDATE SET number = DEFAULT, size = excluded.size, document = excluded.document
        """;

    private const string Trim = "SELECT ~.trim_explanations($1, $2)";

    private const string Find = $"SELECT document FROM ~.explanations WHERE run = $3 AND session = {SessionRow.Id}";

    private const string DeleteOfSession = $"DELETE FROM ~.explanations WHERE session = {SessionRow.Id}";

    public static Statement[] Write(ExplanationWrite write)
    {
        object[] key = SessionRow.Key(write.Session);
        var (tenant, run) = (StoredText.ToBytes(write.Session.Tenant), StoredText.ToBytes(write.RunId));
        return
        [
            new(LockRun, [.. key, run]),
            new(LockCount, tenant),
            new(Put, [.. key, run, write.Document.ToBytes()]),
            new(Trim, tenant, write.MaxTenantBytes),
        ];
    }

    public static Statement Read(SessionKey session, string run) => new(Find, [.. SessionRow.Key(session), StoredText.ToBytes(run)]);

    public static Statement[] Delete(SessionKey session)
    {
        object[] key = SessionRow.Key(session);
        return [new(DeletionStatements.Lock, key), new(DeleteOfSession, key)];
    }
}
