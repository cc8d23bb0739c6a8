namespace PluginHost.Sqlite;

/// <summary>Truncates the write-ahead log when no program reads it. Changes nothing.</summary>
internal sealed class TruncateRequest() : WriteRequest(survivesPowerLoss: false)
{
    public override bool TruncatesLog => true;

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
    }
}
