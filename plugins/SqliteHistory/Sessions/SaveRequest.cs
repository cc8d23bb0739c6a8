using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Saves a session, one of its runs and the appends of that run in one transaction.</summary>
internal sealed class SaveRequest : WriteRequest
{
    private const string Insert =
        """
        INSERT INTO sessions (tenant, session, version, updated_at, document, runs, created_at)
        VALUES ($1, $2, $3, $4, CAST($5 AS TEXT), $6, $7)
        ON CONFLICT DO NOTHING RETURNING id, runs
        """;

    private const string Update =
        """
        UPDATE sessions SET version = $3, updated_at = $4, document = CAST($5 AS TEXT), runs = runs + $6,
            service_session = NULL, service_client = NULL, history = NULL, transcript_count = NULL, transcript_first = NULL,
            transcript_hash = NULL, last_run = NULL, last_trace_parent = NULL
        WHERE tenant = $1 AND session = $2 AND version = $7 RETURNING id, runs
        """;

    private const string FindVersion = "SELECT version FROM sessions WHERE tenant = $1 AND session = $2";
    private const string DeleteParts = "DELETE FROM session_parts WHERE session = $1";
    private const string DeletePart = "DELETE FROM session_parts WHERE session = $1 AND kind = $2 AND name = $3";

    private const string PutPart =
        """
        INSERT INTO session_parts (session, kind, name, json) VALUES ($1, $2, $3, CAST($4 AS TEXT))
        ON CONFLICT (session, kind, name) DO UPDATE SET json = excluded.json
        """;

    // Overwrite the content before the row is deleted.
    private const string ClearRun =
        """
        UPDATE runs SET json = zeroblob(octet_length(json)), output = zeroblob(octet_length(output)), usage = zeroblob(octet_length(usage))
        WHERE run = $1 AND tenant = $2 AND session = $3
        """;

    private const string DeleteRun = "DELETE FROM runs WHERE run = $1 AND tenant = $2 AND session = $3";

    private readonly SessionSave _save;
    private readonly PreparedAppend[] _appends;
    private readonly Database _database;
    private readonly bool _replacesAllParts;
    private readonly List<ChangedPart> _parts;
    private readonly byte[] _document;
    private readonly PreparedRun? _run;

    public SaveRequest(SessionSave save, PreparedAppend[] appends, Database database, bool survivesPowerLoss)
        : base(survivesPowerLoss)
    {
        _save = save;
        _appends = appends;
        _database = database;
        // Changes are known only relative to the stored version.
        var previous = save.Previous is { } known && known.Version == save.ExpectedVersion ? known : null;
        _replacesAllParts = previous is null && save.ExpectedVersion > 0;
        _parts = SessionParts.FindChanges(previous, save.Session);
        _document = SessionParts.RemoveFrom(save.Session).ToDocument().ToBytes();
        _run = save.Run is null ? null : new PreparedRun(save.Run);
    }

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
        var (session, runPosition) = WriteSession(connection);
        if (_replacesAllParts) connection.Execute(DeleteParts, session);
        foreach (var part in _parts)
        {
            if (part.Json is null) connection.Execute(DeletePart, session, (int)part.Kind, part.Name);
            else connection.Execute(PutPart, session, (int)part.Kind, part.Name, part.Json);
        }

        if (_save.RemovedRun is not null) RemoveRun(connection, _save.RemovedRun);
        _run?.Write(connection, Schema.FirstId(session) + runPosition);
        foreach (var append in _appends) append.Write(connection, positions);
    }

    public override bool ErasesContent => _save.RemovedRun is not null;

    public override void OnCommitted()
    {
        _database.Sessions.Update(_save.Session.Key, _ => new CachedSession(_save.Session));
        foreach (var append in _appends) append.UpdateCache(_database.Windows);
    }

    private void RemoveRun(PreparedConnection connection, string run)
    {
        var key = _save.Session.Key;
        connection.Execute(ClearRun, run, key.Tenant, key.Id);
        connection.Execute(DeleteRun, run, key.Tenant, key.Id);
    }

    /// <returns>The row id of the session, and the position of its newest run.</returns>
    /// <exception cref="SessionConflictException">Another version is stored.</exception>
    private (long Session, long RunPosition) WriteSession(PreparedConnection connection)
    {
        var record = _save.Session;
        var isNew = _save.ExpectedVersion == 0;
        using (var row = connection.Query(
            isNew ? Insert : Update,
            record.Key.Tenant, record.Key.Id, record.Version, record.UpdatedAt.UtcTicks, _document, _run is null ? 0 : 1,
            isNew ? record.CreatedAt.UtcTicks : _save.ExpectedVersion))
        {
            if (row.Read()) return (row.GetInt64(0), row.GetInt64(1));
        }

        var found = connection.QueryNumber(FindVersion, record.Key.Tenant, record.Key.Id) ?? 0;
        throw new SessionConflictException(record.Key, _save.ExpectedVersion, found);
    }
}
