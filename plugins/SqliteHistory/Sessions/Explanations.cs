using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Writes and removes the rows of explanations.</summary>
internal static class Explanations
{
    private const string FindSession =
        """
        SELECT id FROM sessions s WHERE tenant = $1 AND session = $2
            AND (EXISTS (SELECT 1 FROM runs WHERE run = $3 AND tenant = $1 AND session = $2) OR EXISTS (SELECT 1 FROM open_runs o WHERE o.run = $3 AND o.session = s.id))
        """;

    private const string Insert = "INSERT INTO explanations (tenant, session, run, document) VALUES ($1, $2, $3, $4)";
    private const string CountBytes = "SELECT bytes FROM explanation_bytes WHERE tenant = $1";
    private const string DeleteOldest = "DELETE FROM explanations WHERE id = (SELECT min(id) FROM explanations WHERE tenant = $1)";

    // Overwrite the content before the row is deleted; the bytes of the tenant are counted by its length.
    private const string ClearOfRun = "UPDATE explanations SET document = zeroblob(length(document)) WHERE run = $1 AND session = $2";
    private const string DeleteOfRun = "DELETE FROM explanations WHERE run = $1 AND session = $2";
    private const string ClearOfSession = "UPDATE explanations SET document = zeroblob(length(document)) WHERE session = $1";
    private const string DeleteOfSession = "DELETE FROM explanations WHERE session = $1";

    /// <returns>Whether the session has the run.</returns>
    public static bool Put(PreparedConnection connection, ExplanationWrite write)
    {
        var tenant = write.Session.Tenant;
        if (connection.QueryNumber(FindSession, tenant, write.Session.Id, write.RunId) is not { } session) return false;
        connection.Execute(DeleteOfRun, write.RunId, session);
        connection.Execute(Insert, tenant, session, write.RunId, write.Document);
        while (connection.QueryNumber(CountBytes, tenant) > write.MaxTenantBytes && connection.Execute(DeleteOldest, tenant) > 0)
        {
        }

        return true;
    }

    public static void Remove(PreparedConnection connection, long session, string run)
    {
        if (connection.Execute(ClearOfRun, run, session) > 0) connection.Execute(DeleteOfRun, run, session);
    }

    /// <returns>The number of explanations.</returns>
    public static int RemoveAll(PreparedConnection connection, long session) =>
        connection.Execute(ClearOfSession, session) > 0 ? connection.Execute(DeleteOfSession, session) : 0;
}
