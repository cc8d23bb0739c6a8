using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Reads run records from the database: those that have ended by first save, then those in progress by creation.</summary>
internal static class RunReader
{
    private const string FindRun = "SELECT id FROM runs WHERE tenant = $1 AND run = $2 AND ($3 IS NULL OR session = $3)";

    private const string Fields = "tenant, session, run, idempotency_key, json, form, output, usage FROM ";
    private const string Columns = "SELECT id, " + Fields + "runs ";

    // A plus sign before a column prevents SQLite from using an unsuitable index.
    private const string OfRun = "WHERE tenant = $1 AND run = $2 AND ($3 IS NULL OR idempotency_key = $3) AND ($6 IS NULL OR session = $6) AND +id > $4 AND +id < $5 ORDER BY +id";
    private const string OfKey = "WHERE tenant = $1 AND ($2 IS NULL OR run = $2) AND idempotency_key = $3 AND ($6 IS NULL OR session = $6) AND +id > $4 AND +id < $5 ORDER BY +id";

    private const string Placed = "SELECT place, " + Fields;
    private const string WhereSession = " CROSS JOIN runs ON id = place WHERE owner = $6 AND tenant_of = $1 AND place > $4 AND place < $5 ";
    private const string OfSession = Placed + "run_places" + WhereSession + "UNION ALL " + Placed + "new_runs" + WhereSession + "ORDER BY place";

    private const string Descending = " DESC";

    /// <remarks>Reads in one transaction: a run that ends is in exactly one of the tables.</remarks>
    public static Page<RunRecord> Read(PreparedConnection connection, RunQuery query)
    {
        connection.Execute("BEGIN");
        var page = ReadPage(connection, query);
        connection.Execute("COMMIT");
        return page;
    }

    private static Page<RunRecord> ReadPage(PreparedConnection connection, RunQuery query)
    {
        var direction = ScanDirection.From(query.Order, query.After, query.Before);
        var open = OpenRunReader.FindKeys(connection, query);
        if (FindPlace(connection, query, open, direction.Lower, new RunRow(-1, -1)) is not { } lower) return new Page<RunRecord> { Items = [], HasMore = false };
        if (FindPlace(connection, query, open, direction.Upper, new RunRow(long.MaxValue, open.Count)) is not { } upper) return new Page<RunRecord> { Items = [], HasMore = false };
        var ended = lower.Open >= 0 ? [] : ReadEnded(connection, query, open, direction.IsAscending, lower.Ended, upper.Ended);
        var running = ReadOpen(connection, open, direction.IsAscending, lower.Open, upper.Open);
        var (runs, bytes) = (new List<RunRecord>(), 0L);
        foreach (var (run, length) in direction.IsAscending ? ended.Concat(running) : running.Concat(ended))
        {
            if (runs.Count == query.Limit || bytes > query.MaxBytes) return direction.ToPage(runs, hasMore: true);
            if (run is not null) runs.Add(run);
            bytes += length;
        }

        return direction.ToPage(runs, hasMore: false);
    }

    private static IEnumerable<(RunRecord? Run, long Bytes)> ReadOpen(PreparedConnection connection, List<OpenRunReader.Key> open, bool isAscending, int lower, int upper)
    {
        var keys = open.GetRange(lower + 1, Math.Max(0, upper - lower - 1));
        if (!isAscending) keys.Reverse();
        return keys.Select(key => OpenRunReader.ReadOne(connection, key));
    }

    private static IEnumerable<(RunRecord? Run, long Bytes)> ReadEnded(
        PreparedConnection connection, RunQuery query, List<OpenRunReader.Key> open, bool isAscending, long lower, long upper)
    {
        using var rows = connection.Query(BuildSql(query, isAscending), query.Tenant, query.RunId, query.IdempotencyKey, lower, upper, query.SessionId);
        while (rows.Read())
        {
            var (session, id) = (rows.GetString(2), rows.GetString(3));
            // A later attempt that is open hides the earlier one.
            if (open.Exists(o => o.Session == session && o.Run == id)) continue;
            yield return (connection.Corrupt.Read("run", id, () => ReadRow(rows)), rows.GetLength(5) + rows.GetLength(7));
        }
    }

    internal static string BuildSql(RunQuery query, bool ascending) => (query, ascending) switch
    {
        ({ RunId: not null }, true) => Columns + OfRun,
        ({ RunId: not null }, false) => Columns + OfRun + Descending,
        ({ IdempotencyKey: not null }, true) => Columns + OfKey,
        ({ IdempotencyKey: not null }, false) => Columns + OfKey + Descending,
        (_, true) => OfSession,
        (_, false) => OfSession + Descending,
    };

    /// <returns>The place of a run, the default when there is no id, and null when the run is unknown.</returns>
    private static RunRow? FindPlace(PreparedConnection connection, RunQuery query, List<OpenRunReader.Key> open, string? run, RunRow defaultPlace)
    {
        if (run is null) return defaultPlace;
        if (open.FindIndex(o => o.Run == run) is >= 0 and var index) return new RunRow(long.MaxValue, index);
        return connection.QueryNumber(FindRun, query.Tenant, run, query.SessionId) is { } id ? new RunRow(id, defaultPlace.Open < 0 ? -1 : 0) : null;
    }

    private static RunRecord ReadRow(SqlRows row)
    {
        if (row.GetInt32(6) == Schema.DocumentForm) return RunRecord.FromDocument(row.GetSpan(5));
        return EarlierRows.ReadRun(row.GetSpan(5).ToArray(), row.GetSpan(7), row.IsNull(8) ? null : row.GetString(8)) with
        {
            Id = row.GetString(3),
            Session = new SessionKey(row.GetString(1), row.GetString(2)),
            IdempotencyKey = row.GetText(4),
        };
    }

    /// <summary>A place in a list of runs.</summary>
    /// <param name="Ended">The row id of the ended run at it; the greatest number behind all of them.</param>
    /// <param name="Open">The index of the open run at it; -1 before all of them.</param>
    private readonly record struct RunRow(long Ended, int Open);
}
