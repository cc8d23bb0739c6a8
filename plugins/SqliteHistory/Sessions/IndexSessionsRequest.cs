namespace PluginHost.Sqlite;

/// <summary>Puts sessions into their place in the index by last save. A save leaves that to the next search for idle sessions.</summary>
internal sealed class IndexSessionsRequest(IReadOnlyList<long> sessions) : WriteRequest(survivesPowerLoss: false)
{
    private const string Update = "UPDATE sessions SET indexed_at = updated_at WHERE id = $1";

    /// <summary>Retention makes room on a full disk, and searches for idle sessions first.</summary>
    public override bool MayUseReserve => true;

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
        foreach (var session in sessions) connection.Execute(Update, session);
    }
}
