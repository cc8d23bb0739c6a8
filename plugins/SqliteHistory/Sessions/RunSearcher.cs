using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Finds runs over all sessions, from the indexes by time.</summary>
internal static class RunSearcher
{
    // A search needs no output.
    private const string Columns = "SELECT id, tenant, session, run, idempotency_key, json, form, '[]', usage, created_at FROM runs ";

    // A bound at a place excludes what comes before it in the order, and the place itself.
    private const string After = "(created_at, run) < ($1, $2) ORDER BY created_at DESC, run DESC";

    private const string All = Columns + "INDEXED BY runs_by_time WHERE " + After;
    private const string WithTrouble = Columns + "INDEXED BY runs_with_trouble WHERE trouble = 1 AND " + After;

    public static RunSearchPage Read(PreparedConnection connection, RunSearch search)
    {
        var start = search.Start;
        using var rows = connection.Query(BuildSql(search), start?.CreatedAt.UtcTicks ?? long.MaxValue, start?.RunId ?? "");
        return search.Collect(ReadRows(connection, rows, search));
    }

    internal static string BuildSql(RunSearch search) =>
        search.OnlyTrouble || search.ErrorType is not null || search.Skipped is not null || search.Status == RunStatus.Failed ? WithTrouble : All;

    private static IEnumerable<RunRecord> ReadRows(PreparedConnection connection, SqliteDataReader rows, RunSearch search)
    {
        while (rows.Read())
        {
            var session = new SessionKey(rows.GetString(1), rows.GetString(2));
            // The JSON of another tenant's run need not be read to leave it out.
            var run = search.Tenant is null || search.Tenant == session.Tenant
                ? connection.Corrupt.Read("run", rows.GetString(3), () => RunReader.ReadRow(rows))
                : new RunRecord { Id = rows.GetString(3), Session = session, Agent = "", Status = RunStatus.Completed, CreatedAt = rows.GetTime(9) };
            if (run is not null) yield return run;
        }
    }
}
