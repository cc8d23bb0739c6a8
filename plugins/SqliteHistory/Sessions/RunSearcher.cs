using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Finds runs over all sessions, from the indexes by time.</summary>
internal static class RunSearcher
{
    private const string Columns = "SELECT tenant, session, run, created_at, json, form, usage, idempotency_key FROM runs ";

    // A bound at a place excludes what comes before it in the order, and the place itself. A later attempt that is open hides the earlier one.
    private const string After =
        """
        (created_at, run) < ($1, $2) AND NOT EXISTS (
            SELECT 1 FROM open_runs o CROSS JOIN sessions s ON s.id = o.session WHERE o.run = runs.run AND s.session = runs.session AND s.tenant = runs.tenant)
        ORDER BY created_at DESC, run DESC
        """;

    private const string All = Columns + "INDEXED BY runs_by_time WHERE " + After;
    private const string WithTrouble = Columns + "INDEXED BY runs_with_trouble WHERE trouble = 1 AND " + After;

    public static RunSearchPage Read(PreparedConnection connection, RunSearch search)
    {
        // One snapshot: a run that ends is in exactly one of the tables.
        connection.Execute("BEGIN");
        var page = search.Collect(Merge(ReadEnded(connection, search), OpenRunReader.Search(connection, search)));
        connection.Execute("COMMIT");
        return page;
    }

    internal static string BuildSql(RunSearch search) =>
        search.OnlyTrouble || search.ErrorType is not null || search.Skipped is not null || search.Status == RunStatus.Failed ? WithTrouble : All;

    /// <summary>Reads a row of tenant, session, run, creation and document without the output.</summary>
    /// <returns>Null when the document cannot be read.</returns>
    internal static RunRecord? ReadRow(PreparedConnection connection, SqlRows row, RunSearch search)
    {
        var session = new SessionKey(row.GetString(0), row.GetString(1));
        // The JSON of another tenant's run need not be read to leave it out.
        return search.Tenant is null || search.Tenant == session.Tenant
            ? connection.Corrupt.Read("run", row.GetString(2), () => ReadDocument(row, session))
            : new RunRecord { Id = row.GetString(2), Session = session, Agent = "", Status = RunStatus.Completed, CreatedAt = row.GetTime(3) };
    }

    private static RunRecord ReadDocument(SqlRows row, SessionKey session)
    {
        if (row.ColumnCount == 5 || row.GetInt32(5) == Schema.DocumentForm) return RunRecord.FromDocumentWithoutOutput(row.GetSpan(4));
        return EarlierRows.ReadRun(row.GetSpan(4).ToArray(), "[]"u8, row.IsNull(6) ? null : row.GetString(6)) with
        {
            Id = row.GetString(2),
            Session = session,
            IdempotencyKey = row.GetText(7),
        };
    }

    private static IEnumerable<RunRecord> ReadEnded(PreparedConnection connection, RunSearch search)
    {
        using var rows = connection.Query(BuildSql(search), search.Start?.CreatedAt.UtcTicks ?? long.MaxValue, search.Start?.RunId ?? "");
        while (rows.Read())
        {
            if (ReadRow(connection, rows, search) is { } run) yield return run;
        }
    }

    private static IEnumerable<RunRecord> Merge(IEnumerable<RunRecord> first, IEnumerable<RunRecord> second)
    {
        using var left = first.GetEnumerator();
        using var right = second.GetEnumerator();
        var (hasLeft, hasRight) = (left.MoveNext(), right.MoveNext());
        while (hasLeft || hasRight)
        {
            if (hasLeft && (!hasRight || RunPlace.Compare(RunPlace.From(left.Current), RunPlace.From(right.Current)) <= 0))
            {
                yield return left.Current;
                hasLeft = left.MoveNext();
            }
            else
            {
                yield return right.Current;
                hasRight = right.MoveNext();
            }
        }
    }
}
