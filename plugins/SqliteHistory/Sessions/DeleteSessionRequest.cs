using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Deletes a session with its runs, its journal and its explanations.</summary>
internal sealed class DeleteSessionRequest(SessionKey key, LruCache<SessionKey, CachedSession> sessions) : WriteRequest(survivesPowerLoss: true)
{
    private const string Find = "SELECT id FROM sessions WHERE tenant = $1 AND session = $2";

    private const string DeleteRuns =
        """
        DELETE FROM runs WHERE id IN (
            SELECT place FROM run_places WHERE owner = $1 AND tenant_of = $2
            UNION ALL SELECT place FROM new_runs WHERE owner = $1 AND tenant_of = $2)
        """;

    private const string DeleteParts = "DELETE FROM session_parts WHERE session = $1";
    private const string Delete = "DELETE FROM sessions WHERE id = $1";

    public override bool ErasesContent => true;

    /// <summary>The number of deleted records.</summary>
    public int Deleted { get; private set; }

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
        Deleted = 0;
        if (connection.QueryNumber(Find, key.Tenant, key.Id) is not { } session) return;
        Deleted = connection.Execute(DeleteRuns, key.Id, key.Tenant);
        Deleted += OpenRuns.RemoveAll(connection, session);
        Explanations.RemoveAll(connection, session);
        connection.Execute(DeleteParts, session);
        Deleted += connection.Execute(Delete, session);
    }

    public override void OnCommitted() => sessions.Update(key, static _ => null);
}
