using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Reads run records from the database.</summary>
internal static class RunReader
{
    private const string FindSession = "SELECT id FROM sessions WHERE tenant = $1 AND session = $2";

    private const string FindRun = "SELECT id FROM runs WHERE tenant = $1 AND run = $2 AND ($3 IS NULL OR session = $3)";

    private const string Columns = "SELECT id, tenant, session, run, idempotency_key, json, form, output, usage FROM runs WHERE ";

    // A plus sign before a column prevents SQLite from using an unsuitable index.
    private const string OfRun = "tenant = $1 AND run = $2 AND ($3 IS NULL OR idempotency_key = $3) AND +id > $4 AND +id < $5 ORDER BY +id";
    private const string OfKey = "tenant = $1 AND ($2 IS NULL OR run = $2) AND idempotency_key = $3 AND +id > $4 AND +id < $5 ORDER BY +id";
    private const string OfSession = "+tenant = $1 AND ($2 IS NULL OR run = $2) AND ($3 IS NULL OR idempotency_key = $3) AND id > $4 AND id < $5 ORDER BY id";
    private const string Descending = " DESC";

    public static Page<RunRecord> Read(PreparedConnection connection, RunQuery query)
    {
        var direction = ScanDirection.From(query.Order, query.After, query.Before);
        if (!TryFindBounds(connection, query, direction, out var lower, out var upper)) return new Page<RunRecord> { Items = [], HasMore = false };
        var runs = new List<RunRecord>();
        var bytes = 0L;
        using var rows = connection.Query(
            BuildSql(query, direction.IsAscending), query.Tenant, query.RunId, query.IdempotencyKey, lower, upper);
        while (rows.Read())
        {
            if (runs.Count == query.Limit || bytes > query.MaxBytes) return direction.ToPage(runs, hasMore: true);
            if (connection.Corrupt.Read("run", rows.GetString(3), () => ReadRow(rows)) is { } run) runs.Add(run);
            bytes += rows.GetBytes(5, 0, null, 0, 0) + rows.GetBytes(7, 0, null, 0, 0);
        }

        return direction.ToPage(runs, hasMore: false);
    }

    private static string BuildSql(RunQuery query, bool ascending) => (query, ascending) switch
    {
        ({ RunId: not null }, true) => Columns + OfRun,
        ({ RunId: not null }, false) => Columns + OfRun + Descending,
        ({ IdempotencyKey: not null }, true) => Columns + OfKey,
        ({ IdempotencyKey: not null }, false) => Columns + OfKey + Descending,
        (_, true) => Columns + OfSession,
        (_, false) => Columns + OfSession + Descending,
    };

    private static bool TryFindBounds(PreparedConnection connection, RunQuery query, ScanDirection direction, out long lower, out long upper)
    {
        (lower, upper) = (-1, long.MaxValue);
        if (query.SessionId is not null)
        {
            if (connection.QueryNumber(FindSession, query.Tenant, query.SessionId) is not { } session) return false;
            (lower, upper) = (Schema.FirstId(session), Schema.FirstId(session + 1));
        }

        if (direction.Lower is not null)
        {
            if (connection.QueryNumber(FindRun, query.Tenant, direction.Lower, query.SessionId) is not { } id) return false;
            lower = Math.Max(lower, id);
        }

        if (direction.Upper is null) return true;
        if (connection.QueryNumber(FindRun, query.Tenant, direction.Upper, query.SessionId) is not { } last) return false;
        upper = Math.Min(upper, last);
        return true;
    }

    /// <summary>Reads a row of id, tenant, session, run, idempotency key, JSON, form, output and usage.</summary>
    internal static RunRecord ReadRow(SqliteDataReader row)
    {
        var json = row.GetFieldValue<byte[]>(5);
        if (row.GetInt32(6) == Schema.DocumentForm) return RunRecord.FromDocument(json);
        return EarlierRows.ReadRun(json, row.GetFieldValue<byte[]>(7), row.IsDBNull(8) ? null : row.GetFieldValue<byte[]>(8)) with
        {
            Id = row.GetString(3),
            Session = new SessionKey(row.GetString(1), row.GetString(2)),
            IdempotencyKey = row.GetText(4),
        };
    }
}
