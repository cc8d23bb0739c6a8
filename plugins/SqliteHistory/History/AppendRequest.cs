namespace PluginHost.Sqlite;

/// <summary>An append on its own, outside a session's save.</summary>
internal sealed class AppendRequest(PreparedAppend append, WindowCache windows, bool full) : WriteRequest(full)
{
    public override void Write(PreparedConnection connection, HistoryHeads heads) => append.Write(connection, heads);

    public override void Committed() => append.Committed(windows);
}
