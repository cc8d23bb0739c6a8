namespace PluginHost.Sqlite;

/// <summary>An append outside a session's save.</summary>
internal sealed class AppendRequest(PreparedAppend append, WindowCache windows, bool survivesPowerLoss) : WriteRequest(survivesPowerLoss)
{
    public override void Write(PreparedConnection connection, AppendPositions positions) => append.Write(connection, positions);

    public override void OnCommitted() => append.UpdateCache(windows);
}
