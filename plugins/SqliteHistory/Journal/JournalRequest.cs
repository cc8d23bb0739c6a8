using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Writes the record of an open run, its steps, or both.</summary>
internal sealed class JournalRequest(JournalWrite write, LruCache<SessionKey, CachedSession> sessions, bool survivesPowerLoss) : WriteRequest(survivesPowerLoss)
{
    private const string FindSession = "SELECT id FROM sessions WHERE tenant = $1 AND session = $2";

    private readonly PreparedSession? _session = write.NewSession is null ? null : new PreparedSession(write.NewSession, 0, null);
    private readonly ReadOnlyMemory<byte> _document = write.Run?.ToDocument() ?? default;

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
        var (run, isNew) = OpenRuns.Put(connection, FindOrCreateSession(connection), write, _document);
        if (run is not { } id) throw new SqliteStoreException($"The journal has no open run '{write.RunId}'. Its first write needs its record.");
        OpenRuns.PutSteps(connection, id, write, isNew);
    }

    public override void OnCommitted()
    {
        if (write.NewSession is { } session) sessions.Update(session.Key, _ => new CachedSession(session));
    }

    private long FindOrCreateSession(PreparedConnection connection) =>
        _session?.Write(connection)
        ?? connection.QueryNumber(FindSession, write.Session.Tenant, write.Session.Id)
        ?? throw new SqliteStoreException($"The session '{write.Session.Id}' of the run '{write.RunId}' does not exist.");
}
