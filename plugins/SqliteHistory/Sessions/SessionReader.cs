using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Reads session records from the database.</summary>
internal static class SessionReader
{
    private const string Columns =
        """
        SELECT id, tenant, session, version, created_at, updated_at, document, service_session, service_client, history,
            transcript_count, transcript_first, transcript_hash, last_run, last_trace_parent, indexed_at
        FROM sessions WHERE

        """;

    private const string OfTenant = "tenant = $1 AND ($2 IS NULL OR session = $2)";
    private const string One = "tenant = $1 AND session = $2";
    private const string OfAll = "($1 IS NOT NULL AND ($2 IS NULL OR session = $2))";

    // Default bounds match every row. A plus sign before a column prevents SQLite from using an unsuitable index.
    private const string ByCreation =
        " AND (created_at, session, tenant) > ($3, $4, $5) AND (created_at, session, tenant) < ($6, $7, $8) ORDER BY ";

    // A session's last save may be later than its place in the index: only a scan from the oldest meets it in time.
    private const string IdleByIndex =
        OfAll + " AND (indexed_at, session, tenant) > ($3, $4, $5) AND (indexed_at, session, tenant) < ($6, $7, $8) ORDER BY indexed_at, session, tenant";

    // Other lists sort ids alone, and read the rows of one page.
    private const string Among = "id IN (SELECT id FROM sessions WHERE ";
    private const string First = " LIMIT $9) ORDER BY ";

    private const string ByLastSave =
        " AND (updated_at, session, tenant) > ($3, $4, $5) AND (updated_at, session, tenant) < ($6, $7, $8) ORDER BY ";

    private const string Ascending = " created_at, session, tenant";
    private const string Descending = " created_at DESC, session DESC, tenant DESC";
    private const string SavedAscending = " updated_at, session, tenant";
    private const string SavedDescending = " updated_at DESC, session DESC, tenant DESC";

    private const int UpdatedAt = 5, IndexedAt = 15;

    // So many are put into their place at once.
    private const int MaxMisplaced = 500;

    private const string PartsOf = "SELECT kind, name, json FROM session_parts WHERE session = $1";

    /// <remarks>Reads in one transaction, so that a record and its parts have the same version.</remarks>
    public static Page<SessionRecord> Read(PreparedConnection connection, SessionQuery query)
    {
        connection.Execute("BEGIN");
        var page = ReadPage(connection, query);
        connection.Execute("COMMIT");
        return page;
    }

    /// <summary>Reads idle sessions.</summary>
    /// <returns>The page, and the row ids of sessions whose place in the index is not that of their last save. With any, the page is not complete.</returns>
    public static (Page<SessionRecord> Page, List<long> Misplaced) ReadIdle(PreparedConnection connection, SessionQuery query)
    {
        var misplaced = new List<long>();
        connection.Execute("BEGIN");
        var page = ReadPage(connection, query, misplaced);
        connection.Execute("COMMIT");
        return (page, misplaced);
    }

    public static long Count(PreparedConnection connection, string tenant) =>
        connection.QueryNumber("SELECT count(*) FROM sessions WHERE tenant = $1", tenant) ?? 0;

    private static Page<SessionRecord> ReadPage(PreparedConnection connection, SessionQuery query, List<long>? misplaced = null)
    {
        var direction = ScanDirection.From(query.Order, query.After, query.Before);
        if (SessionBound.Find(connection, query, direction.Lower, SessionBound.Lowest) is not { } lower) return new Page<SessionRecord> { Items = [], HasMore = false };
        if (SessionBound.Find(connection, query, direction.Upper, SessionBound.CreateHighest(query)) is not { } upper) return new Page<SessionRecord> { Items = [], HasMore = false };
        var (sessions, count) = (new List<SessionRecord>(), 0);
        var readsIndex = ReadsIndex(query, direction.IsAscending);
        using var rows = connection.Query(
            BuildSql(query, direction.IsAscending),
            query.Tenant, query.Id, lower.Time, lower.Session, lower.Tenant, upper.Time, upper.Session, upper.Tenant, query.Limit + 1L);
        while (rows.Read() && misplaced is not { Count: MaxMisplaced })
        {
            if (readsIndex && misplaced is not null && rows.GetInt64(UpdatedAt) != rows.GetInt64(IndexedAt))
            {
                misplaced.Add(rows.GetInt64(0));
                continue;
            }

            if (sessions.Count == query.Limit) return direction.ToPage(sessions, hasMore: true);
            count++;
            if (Read(connection, rows, isSingle: query.Id is not null) is { } session) sessions.Add(session);
        }

        // A sorted list has at most one row more than the limit, and may have skipped rows that cannot be read.
        var isSorted = query.IdleSince is not null && !readsIndex;
        return direction.ToPage(sessions, hasMore: isSorted && count > query.Limit && sessions.Count > 0);
    }

    /// <summary>Whether a query reads the index by last save, as that of retention does.</summary>
    private static bool ReadsIndex(SessionQuery query, bool ascending) => ascending && query is { IdleSince: not null, AllTenants: true };

    /// <returns>Null when the session is one of a list and cannot be read.</returns>
    private static SessionRecord? Read(PreparedConnection connection, SqlRows row, bool isSingle)
    {
        var (id, key) = (row.GetInt64(0), row.GetString(2));
        if (connection.Corrupt.Read("session", key, () => AddParts(connection, id, ReadRow(row))) is { } record) return record;
        if (!isSingle) return null;
        throw new SqliteStoreException($"Session '{key}' cannot be read, because its record in the database is corrupt. Delete the session, or restore a backup.");
    }

    internal static string BuildSql(SessionQuery query, bool ascending) => (query, ascending) switch
    {
        ({ IdleSince: not null, AllTenants: true }, true) => Columns + IdleByIndex,
        ({ IdleSince: not null, AllTenants: true }, false) => Columns + Among + OfAll + ByLastSave + SavedDescending + First + SavedDescending,
        ({ IdleSince: not null }, true) => Columns + Among + OfTenant + ByLastSave + SavedAscending + First + SavedAscending,
        ({ IdleSince: not null }, false) => Columns + Among + OfTenant + ByLastSave + SavedDescending + First + SavedDescending,
        ({ AllTenants: true }, true) => Columns + OfAll + ByCreation + Ascending,
        ({ AllTenants: true }, false) => Columns + OfAll + ByCreation + Descending,
        ({ Id: not null }, true) => Columns + One + ByCreation + Ascending,
        ({ Id: not null }, false) => Columns + One + ByCreation + Descending,
        (_, true) => Columns + OfTenant + ByCreation + Ascending,
        (_, false) => Columns + OfTenant + ByCreation + Descending,
    };

    private static SessionRecord ReadRow(SqlRows row) =>
        row.IsNull(6) ? ReadEarlier(row) : SessionRecord.FromDocument(row.GetSpan(6));

    /// <summary>Reads a row that schema 1 or 2 wrote.</summary>
    private static SessionRecord ReadEarlier(SqlRows row) => new()
    {
        Key = new SessionKey(row.GetString(1), row.GetString(2)),
        Version = row.GetInt64(3),
        CreatedAt = row.GetTime(4),
        UpdatedAt = row.GetTime(5),
        ServiceSessionId = row.GetText(7),
        ServiceClient = row.GetText(8),
        History = row.GetText(9),
        Transcript = row.IsNull(10) ? null : new TranscriptMark { Count = row.GetInt32(10), First = row.GetString(11), Hash = row.GetString(12) },
        LastRunId = row.GetText(13),
        LastTraceParent = row.GetText(14),
    };

    private static SessionRecord AddParts(PreparedConnection connection, long session, SessionRecord record)
    {
        Dictionary<string, JsonElement>? state = null, extensions = null;
        using var rows = connection.Query(PartsOf, session);
        while (rows.Read())
        {
            var json = rows.GetSpan(2);
            switch ((PartKind)rows.GetInt32(0))
            {
                case PartKind.Metadata:
                    record = record with { Metadata = SessionParts.ReadMetadata(json) };
                    break;
                case PartKind.State:
                    (state ??= new(StringComparer.Ordinal))[rows.GetString(1)] = JsonElement.Parse(json, JsonDepth.Any);
                    break;
                case PartKind.Extension:
                    (extensions ??= new(StringComparer.Ordinal))[rows.GetString(1)] = JsonElement.Parse(json, JsonDepth.Any);
                    break;
            }
        }

        return record with { State = state ?? record.State, Extensions = extensions ?? record.Extensions };
    }
}
