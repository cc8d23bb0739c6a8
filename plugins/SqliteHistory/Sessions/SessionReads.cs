using System.Text.Json;
using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Reads session records from the database.</summary>
internal static class SessionReads
{
    private const string FindCreation = "SELECT created_at FROM sessions WHERE tenant = $1 AND session = $2";
    private const string FindLastSave = "SELECT updated_at FROM sessions WHERE tenant = $1 AND session = $2";

    private const string Columns =
        """
        SELECT id, tenant, session, version, created_at, updated_at, service_session, service_client, history,
            transcript_count, transcript_first, transcript_hash, last_run, last_trace_parent
        FROM sessions WHERE

        """;

    private const string OfTenant = "tenant = $1 AND ($2 IS NULL OR session = $2)";
    private const string One = "tenant = $1 AND session = $2";
    private const string OfAll = "($1 IS NOT NULL AND ($2 IS NULL OR session = $2))";

    // Bounds that are not asked for hold for every row. A plus keeps SQLite from an index that does not help here.
    private const string ByCreation =
        " AND (created_at, session, tenant) > ($3, $4, $5) AND (created_at, session, tenant) < ($6, $7, $8) ORDER BY ";

    private const string ByLastSave =
        " AND (updated_at, session, tenant) > ($3, $4, $5) AND (updated_at, session, tenant) < ($6, $7, $8) ORDER BY ";

    private const string IdleOfTenant = "+tenant = $1 AND ($2 IS NULL OR session = $2)" + ByLastSave;
    private const string IdleOfAll = OfAll + ByLastSave;

    private const string Up = " created_at, session, tenant LIMIT $9";
    private const string Down = " created_at DESC, session DESC, tenant DESC LIMIT $9";
    private const string IdleUp = " updated_at, session, tenant LIMIT $9";
    private const string IdleDown = " updated_at DESC, session DESC, tenant DESC LIMIT $9";

    private const string PartsOf = "SELECT kind, name, json FROM session_parts WHERE session = $1";

    /// <remarks>In one transaction, so that a record and its parts are of one version.</remarks>
    public static Page<SessionRecord> Read(PreparedConnection connection, SessionQuery query)
    {
        connection.Execute("BEGIN");
        var page = ReadPage(connection, query);
        connection.Execute("COMMIT");
        return page;
    }

    public static long Count(PreparedConnection connection, string tenant) =>
        connection.Number("SELECT count(*) FROM sessions WHERE tenant = $1", tenant) ?? 0;

    private static Page<SessionRecord> ReadPage(PreparedConnection connection, SessionQuery query)
    {
        var direction = Direction.Of(query.Order, query.After, query.Before);
        if (Bound.Of(connection, query, direction.Lower, Bound.Lowest) is not { } lower) return new Page<SessionRecord>([], false);
        if (Bound.Of(connection, query, direction.Upper, Bound.HighestOf(query)) is not { } upper) return new Page<SessionRecord>([], false);
        var sessions = new List<(long Row, SessionRecord Record)>();
        using (var rows = connection.Query(
            Sql(query, direction.IsUp),
            query.Tenant, query.Id, lower.Time, lower.Session, lower.Tenant, upper.Time, upper.Session, upper.Tenant, query.Limit + 1L))
        {
            while (rows.Read()) sessions.Add((rows.GetInt64(0), ReadRow(rows)));
        }

        return direction.Cut([.. sessions.Take(query.Limit).Select(s => AddParts(connection, s.Row, s.Record))], sessions.Count > query.Limit);
    }

    internal static string Sql(SessionQuery query, bool up) => (query, up) switch
    {
        ({ IdleSince: not null, AllTenants: true }, true) => Columns + IdleOfAll + IdleUp,
        ({ IdleSince: not null, AllTenants: true }, false) => Columns + IdleOfAll + IdleDown,
        ({ IdleSince: not null }, true) => Columns + IdleOfTenant + IdleUp,
        ({ IdleSince: not null }, false) => Columns + IdleOfTenant + IdleDown,
        ({ AllTenants: true }, true) => Columns + OfAll + ByCreation + Up,
        ({ AllTenants: true }, false) => Columns + OfAll + ByCreation + Down,
        ({ Id: not null }, true) => Columns + One + ByCreation + Up,
        ({ Id: not null }, false) => Columns + One + ByCreation + Down,
        (_, true) => Columns + OfTenant + ByCreation + Up,
        (_, false) => Columns + OfTenant + ByCreation + Down,
    };

    private static SessionRecord ReadRow(SqliteDataReader row) =>
        new(new SessionKey(row.GetString(1), row.GetString(2)), row.GetInt64(3), row.Time(4), row.Time(5))
        {
            ServiceSessionId = row.Text(6),
            ServiceClient = row.Text(7),
            History = row.Text(8),
            Transcript = row.IsDBNull(9) ? null : new TranscriptMark(row.GetInt32(9), row.GetString(10), row.GetString(11)),
            LastRunId = row.Text(12),
            LastTraceParent = row.Text(13),
        };

    private static SessionRecord AddParts(PreparedConnection connection, long session, SessionRecord record)
    {
        Dictionary<string, JsonElement>? state = null, extensions = null;
        using var rows = connection.Query(PartsOf, session);
        while (rows.Read())
        {
            var json = rows.GetFieldValue<byte[]>(2);
            switch ((PartKind)rows.GetInt32(0))
            {
                case PartKind.Metadata:
                    record = record with { Metadata = SessionParts.ReadMetadata(json) };
                    break;
                case PartKind.State:
                    (state ??= new(StringComparer.Ordinal))[rows.GetString(1)] = JsonElement.Parse(json);
                    break;
                case PartKind.Extension:
                    (extensions ??= new(StringComparer.Ordinal))[rows.GetString(1)] = JsonElement.Parse(json);
                    break;
            }
        }

        return record with { State = state ?? record.State, Extensions = extensions ?? record.Extensions };
    }

    /// <summary>A place in the order of sessions: by creation, or by last save when idle ones are wanted.</summary>
    private sealed record Bound(long Time, string Session, string Tenant)
    {
        public static Bound Lowest { get; } = new(-1, "", "");

        /// <summary>No id is empty, so that this is below every session that was saved at the time itself.</summary>
        public static Bound HighestOf(SessionQuery query) => new(query.IdleSince?.UtcTicks ?? long.MaxValue, "", "");

        /// <returns>The place of a session; null when it is not known.</returns>
        public static Bound? Of(PreparedConnection connection, SessionQuery query, string? id, Bound otherwise)
        {
            if (id is null) return otherwise;
            var find = query.IdleSince is null ? FindCreation : FindLastSave;
            if (connection.Number(find, query.Tenant, id) is not { } time) return null;
            var place = new Bound(time, id, query.Tenant);
            // A session that has been used since then bounds nothing.
            return otherwise != Lowest && time >= otherwise.Time ? otherwise : place;
        }
    }
}
