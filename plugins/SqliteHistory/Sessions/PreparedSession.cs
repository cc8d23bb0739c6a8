using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>A session with its documents, ready for the writer.</summary>
internal sealed class PreparedSession
{
    private const string Insert =
        """
        INSERT INTO sessions (tenant, session, version, updated_at, indexed_at, document, created_at, runs)
        VALUES ($1, $2, $3, $4, $4, $5, $6, 0)
        ON CONFLICT DO NOTHING RETURNING id
        """;

    private const string Update = Set + OfVersion;

    // The place in the index must not be later than the last save.
    private const string UpdateAndIndex = Set + ", indexed_at = min(indexed_at, $4)" + OfVersion;

    private const string Set =
        """
        UPDATE sessions SET version = $3, updated_at = $4, document = $5,
            service_session = NULL, service_client = NULL, history = NULL, transcript_count = NULL, transcript_first = NULL,
            transcript_hash = NULL, last_run = NULL, last_trace_parent = NULL
        """;

    private const string OfVersion = " WHERE tenant = $1 AND session = $2 AND version = $6 RETURNING id";

    private const string FindVersion = "SELECT version FROM sessions WHERE tenant = $1 AND session = $2";
    private const string DeleteParts = "DELETE FROM session_parts WHERE session = $1";
    private const string DeletePart = "DELETE FROM session_parts WHERE session = $1 AND kind = $2 AND name = $3";

    private const string PutPart =
        """
        INSERT INTO session_parts (session, kind, name, json) VALUES ($1, $2, $3, $4)
        ON CONFLICT (session, kind, name) DO UPDATE SET json = excluded.json
        """;

    private readonly SessionRecord _record;
    private readonly long _expectedVersion;
    private readonly bool _replacesAllParts;
    private readonly bool _mayBeEarlier;
    private readonly List<ChangedPart> _parts;
    private readonly ReadOnlyMemory<byte> _document;

    /// <param name="record">The record to write.</param>
    /// <param name="expectedVersion">The version that must be stored; 0 for none.</param>
    /// <param name="previous">A record from which changes can be found; null for none.</param>
    public PreparedSession(SessionRecord record, long expectedVersion, SessionRecord? previous)
    {
        (_record, _expectedVersion) = (record, expectedVersion);
        // Changes are known only relative to the stored version.
        var known = previous?.Version == expectedVersion ? previous : null;
        _replacesAllParts = known is null && expectedVersion > 0;
        // The clock may have been set back since the save before.
        _mayBeEarlier = known is null || record.UpdatedAt < known.UpdatedAt;
        _parts = SessionParts.FindChanges(known, record);
        _document = SessionParts.RemoveFrom(record).ToDocument();
    }

    /// <returns>The row id of the session.</returns>
    /// <exception cref="SessionConflictException">Another version is stored.</exception>
    public long Write(PreparedConnection connection)
    {
        var session = WriteRow(connection);
        if (_replacesAllParts) connection.Execute(DeleteParts, session);
        foreach (var part in _parts)
        {
            if (part.Json is null) connection.Execute(DeletePart, session, (int)part.Kind, part.Name);
            else connection.Execute(PutPart, session, (int)part.Kind, part.Name, SqlValue.FromUtf8(part.Json));
        }

        return session;
    }

    private long WriteRow(PreparedConnection connection)
    {
        var isNew = _expectedVersion == 0;
        var session = connection.QueryNumber(
            isNew ? Insert : _mayBeEarlier ? UpdateAndIndex : Update,
            _record.Key.Tenant, _record.Key.Id, _record.Version, _record.UpdatedAt.UtcTicks, SqlValue.FromUtf8(_document),
            isNew ? _record.CreatedAt.UtcTicks : _expectedVersion);
        if (session is { } id) return id;
        var found = connection.QueryNumber(FindVersion, _record.Key.Tenant, _record.Key.Id) ?? 0;
        throw new SessionConflictException(_record.Key, _expectedVersion, found);
    }
}
