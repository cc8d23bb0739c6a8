namespace PluginHost.Sqlite;

/// <summary>Writes a page that says what it said before, to see whether the disk takes it.</summary>
internal sealed class ProbeRequest() : WriteRequest(full: true)
{
    public override void Write(PreparedConnection connection, HistoryHeads heads) =>
        connection.Pragma($"user_version={connection.Number("PRAGMA user_version")}");
}
