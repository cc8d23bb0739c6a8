namespace PluginHost.Sqlite;

/// <summary>Writes a page without changing it, to test whether the database is writable.</summary>
internal sealed class ProbeRequest() : WriteRequest(survivesPowerLoss: true)
{
    public override void Write(PreparedConnection connection, AppendPositions positions) =>
        connection.ExecutePragma($"user_version={connection.QueryNumber("PRAGMA user_version")}");
}
