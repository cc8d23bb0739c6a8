using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Saves a session, one of its runs and the appends of that run in one transaction.</summary>
internal sealed class SaveRequest(SessionSave save, PreparedAppend[] appends, Database database, bool survivesPowerLoss) : WriteRequest(survivesPowerLoss)
{
    // Overwrite the content before the row is deleted.
    private const string ClearRun =
        """
        UPDATE runs SET json = zeroblob(octet_length(json)), output = zeroblob(octet_length(output)), usage = zeroblob(octet_length(usage))
        WHERE run = $1 AND tenant = $2 AND session = $3
        """;

    private const string DeleteRun = "DELETE FROM runs WHERE run = $1 AND tenant = $2 AND session = $3";

    private readonly PreparedSession _session = new(save.Session, save.ExpectedVersion, save.Previous);
    private readonly PreparedRun? _run = save.Run is null ? null : new PreparedRun(save.Run);

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
        var session = _session.Write(connection);
        if (save.RemovedRun is not null) RemoveRun(connection, session, save.RemovedRun);
        if (save is { EndsRun: true, Run: { } ended }) OpenRuns.Remove(connection, session, ended.Id);
        _run?.Write(connection);
        foreach (var append in appends) append.Write(connection, positions);
    }

    public override bool ErasesContent => save.RemovedRun is not null;

    public override void OnCommitted()
    {
        database.Sessions.Update(save.Session.Key, _ => new CachedSession(save.Session));
        foreach (var append in appends) append.UpdateCache(database.Windows);
    }

    private void RemoveRun(PreparedConnection connection, long session, string run)
    {
        var key = save.Session.Key;
        OpenRuns.Remove(connection, session, run);
        Explanations.Remove(connection, session, run);
        connection.Execute(ClearRun, run, key.Tenant, key.Id);
        connection.Execute(DeleteRun, run, key.Tenant, key.Id);
    }
}
