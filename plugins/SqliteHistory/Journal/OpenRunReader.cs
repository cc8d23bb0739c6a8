using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Reads the runs in progress and their steps.</summary>
internal static class OpenRunReader
{
    private const string Columns = "SELECT s.tenant, s.session, o.run, o.created_at, o.document";

    // CROSS JOIN fixes the order of the tables.
    private const string Keys = "SELECT s.session, o.run, o.id FROM ";
    private const string Conditions = " WHERE s.tenant = $1 AND ($2 IS NULL OR s.session = $2) AND ($3 IS NULL OR o.run = $3) AND ($4 IS NULL OR o.idempotency_key = $4)";
    private const string Order = " ORDER BY o.created_at, o.run";
    private const string OfSession = Keys + "sessions s CROSS JOIN open_runs o ON o.session = s.id" + Conditions + " AND s.session = $2" + Order;
    private const string OfRun = Keys + "open_runs o CROSS JOIN sessions s ON s.id = o.session" + Conditions + " AND o.run = $3" + Order;
    private const string OfKey = Keys + "open_runs o CROSS JOIN sessions s ON s.id = o.session" + Conditions + " AND o.idempotency_key = $4" + Order;

    private const string One = "SELECT document FROM open_runs WHERE id = $1";

    private const string From = Columns + " FROM open_runs o CROSS JOIN sessions s ON s.id = o.session WHERE ";
    private const string Later = " AND (o.created_at, o.run) > ($1, $2)";
    private const string Earlier = " AND (o.created_at, o.run) < ($1, $2) AND o.trouble >= $3 AND ($4 IS NULL OR o.status = $4)";

    private const string OfStatus = From + "o.status = $3" + Later + Order;

    // The index has the runs of each status in order, and SQLite merges them.
    private const string All =
        From + "o.status = 0" + Later + " UNION ALL " + From + "o.status = 1" + Later + " UNION ALL " + From + "o.status = 5" + Later + " ORDER BY 4, 3";

    private const string NewestFirst =
        From + "o.status = 0" + Earlier + " UNION ALL " + From + "o.status = 1" + Earlier + " UNION ALL " + From + "o.status = 5" + Earlier +
        " ORDER BY 4 DESC, 3 DESC";

    private const string Steps =
        """
        SELECT t.id - (o.id << 32), t.document FROM sessions s
        CROSS JOIN open_runs o ON o.run = $3 AND o.session = s.id
        CROSS JOIN steps t ON t.id >= (o.id << 32) + $4 AND t.id < (o.id + 1) << 32
        WHERE s.tenant = $1 AND s.session = $2 ORDER BY t.id
        """;

    /// <summary>The key of an open run.</summary>
    /// <param name="Session">The id of its session.</param>
    /// <param name="Run">Its id.</param>
    /// <param name="RowId">Its row id.</param>
    internal readonly record struct Key(string Session, string Run, long RowId);

    /// <returns>The open runs that meet the conditions of a query, by creation, then id.</returns>
    public static List<Key> FindKeys(PreparedConnection connection, RunQuery query)
    {
        var sql = query.RunId is not null ? OfRun : query.IdempotencyKey is not null ? OfKey : OfSession;
        var keys = new List<Key>();
        using var rows = connection.Query(sql, query.Tenant, query.SessionId, query.RunId, query.IdempotencyKey);
        while (rows.Read()) keys.Add(new Key(rows.GetString(0), rows.GetString(1), rows.GetInt64(2)));
        return keys;
    }

    /// <returns>The record and the bytes of its document; no record when it cannot be read.</returns>
    public static (RunRecord? Run, long Bytes) ReadOne(PreparedConnection connection, Key key)
    {
        using var rows = connection.Query(One, key.RowId);
        if (!rows.Read()) return default;
        return (connection.Corrupt.Read("run", key.Run, () => RunRecord.FromDocument(rows.GetSpan(0))), rows.GetLength(0));
    }

    /// <returns>A page of the oldest runs.</returns>
    public static Page<RunRecord> Read(PreparedConnection connection, OpenRunQuery query)
    {
        var runs = new List<RunRecord>();
        (long, string)? last = null;
        var (time, id) = (query.After?.CreatedAt.UtcTicks ?? -1, query.After?.RunId ?? "");
        using var rows = query.Status is { } status ? connection.Query(OfStatus, time, id, (int)status) : connection.Query(All, time, id);
        while (rows.Read())
        {
            // Runs of several sessions may share a place, which a page must not divide.
            var place = (rows.GetInt64(3), rows.GetString(2));
            if (runs.Count >= query.Limit && place != last) return new Page<RunRecord> { Items = runs, HasMore = true };
            if (query.Tenant is not null && query.Tenant != rows.GetString(0)) continue;
            if (connection.Corrupt.Read("run", place.Item2, () => RunRecord.FromDocument(rows.GetSpan(4))) is not { } run) continue;
            runs.Add(run);
            last = place;
        }

        return new Page<RunRecord> { Items = runs, HasMore = false };
    }

    /// <returns>The runs of a search without their output, the newest first.</returns>
    public static IEnumerable<RunRecord> Search(PreparedConnection connection, RunSearch search)
    {
        // Open runs have neither ended nor failed.
        if (search.ErrorType is not null || search.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled) yield break;
        var onlyTrouble = search.OnlyTrouble || search.Skipped is not null;
        using var rows = connection.Query(
            NewestFirst, search.Start?.CreatedAt.UtcTicks ?? long.MaxValue, search.Start?.RunId ?? "", onlyTrouble ? 1 : 0, (int?)search.Status);
        while (rows.Read())
        {
            if (RunSearcher.ReadRow(connection, rows, search) is { } run) yield return run;
        }
    }

    public static Page<JournalStep> ReadSteps(PreparedConnection connection, (SessionKey Session, string Run, int First, int Limit) query)
    {
        var steps = new List<JournalStep>();
        using var rows = connection.Query(Steps, query.Session.Tenant, query.Session.Id, query.Run, query.First);
        while (rows.Read())
        {
            if (steps.Count == query.Limit) return new Page<JournalStep> { Items = steps, HasMore = true };
            steps.Add(new JournalStep(rows.GetInt32(0), rows.GetSpan(1).ToArray()));
        }

        return new Page<JournalStep> { Items = steps, HasMore = false };
    }
}
