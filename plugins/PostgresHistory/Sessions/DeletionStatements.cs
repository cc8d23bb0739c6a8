using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The statements that delete a session with its runs and its journal.</summary>
internal static class DeletionStatements
{
    /// <summary>Locks the session's row.</summary>
    public const string Lock = "SELECT 1 FROM ~.sessions WHERE tenant = $1 AND session = $2 FOR UPDATE";

    // Steps are no records, so they are not counted.
    private const string DeleteSteps = $"WITH gone AS (DELETE FROM ~.steps WHERE (run, session) IN (SELECT run, session FROM ~.runs WHERE session = {SessionRow.Id})) SELECT 1";
    private const string DeleteRuns = $"DELETE FROM ~.runs WHERE session = {SessionRow.Id}";
    private const string Delete = "DELETE FROM ~.sessions WHERE tenant = $1 AND session = $2";

    public static Statement[] From(SessionKey session)
    {
        object[] key = SessionRow.Key(session);
        return [new(Lock, key), new(DeleteSteps, key), new(DeleteRuns, key), new(Delete, key)];
    }
}
