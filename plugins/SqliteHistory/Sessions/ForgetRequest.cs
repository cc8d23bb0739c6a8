using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Removes a session and its runs.</summary>
internal sealed class ForgetRequest(SessionKey key, RecentCache<SessionKey, CachedSession> sessions) : WriteRequest(full: true)
{
    private const string Find = "SELECT id FROM sessions WHERE tenant = $1 AND session = $2";

    private const string DeleteRuns = "DELETE FROM runs WHERE id > $1 AND id < $2";
    private const string DeleteParts = "DELETE FROM session_parts WHERE session = $1";
    private const string Delete = "DELETE FROM sessions WHERE id = $1";

    public override bool Erases => true;

    /// <summary>How many records were removed.</summary>
    public int Removed { get; private set; }

    public override void Write(PreparedConnection connection, HistoryHeads heads)
    {
        if (connection.Number(Find, key.Tenant, key.Id) is not { } session) return;
        var (first, last) = (Schema.FirstId(session), Schema.FirstId(session + 1));
        Removed = connection.Execute(DeleteRuns, first, last);
        connection.Execute(DeleteParts, session);
        Removed += connection.Execute(Delete, session);
    }

    public override void Committed() => sessions.Change(key, static _ => null);
}
