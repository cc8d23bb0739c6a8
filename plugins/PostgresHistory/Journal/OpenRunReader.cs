using System.Globalization;
using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>Reads the runs in progress and their steps.</summary>
internal static class OpenRunReader
{
    private const string Steps =
        $"SELECT position, document FROM ~.steps WHERE run = $3 AND session = {SessionRow.Id} AND position >= $4 ORDER BY position LIMIT $5";

    /// <returns>A page of the oldest runs.</returns>
    public static async ValueTask<Page<RunRecord>> ReadAsync(Database database, OpenRunQuery query, CancellationToken cancellationToken)
    {
        var limit = query.Limit;
        while (true)
        {
            var fetched = query.Limit;
            var page = await database.ReadAsync("find open runs", Build(query), (rows, token) => ReadPageAsync(database, rows, fetched, limit, token), cancellationToken);
            if (page.Items.Count > 0 || !page.HasMore) return page;
            // None of these rows can be read, so none is a cursor: read more.
            query = query with { Limit = fetched * 2 };
        }
    }

    public static ValueTask<Page<JournalStep>> ReadStepsAsync(
        Database database, SessionKey session, string run, int first, int limit, CancellationToken cancellationToken) => database.ReadAsync(
            "read steps",
            new Statement(Steps, [.. SessionRow.Key(session), StoredText.ToBytes(run), first, limit + 1L]),
            async (rows, token) =>
            {
                var steps = new List<JournalStep>();
                var hasMore = await PageLimit.ReadAsync(rows, limit, limit, row =>
                {
                    steps.Add(new JournalStep(row.GetInt32(0), row.GetFieldValue<byte[]>(1)));
                    return true;
                }, token);
                return new Page<JournalStep> { Items = steps, HasMore = hasMore };
            },
            cancellationToken);

    private static Statement Build(OpenRunQuery query)
    {
        var select = new StatementBuilder("SELECT run, created_at, document FROM ~.runs WHERE open");
        select.Add(query.Status is { } status ? $" AND status = {select.Place((short)status)}" : " AND status IN (0, 1, 5)");
        if (query.Tenant is { } tenant) select.Add($" AND tenant = {select.Place(StoredText.ToBytes(tenant))}");
        if (query.After is { } after) select.Add($" AND (created_at, run) > ({select.Place(after.CreatedAt.UtcTicks)}, {select.Place(StoredText.ToBytes(after.RunId))})");
        // Runs of several sessions may share a place, which a page must not divide.
        return select.Add(string.Create(CultureInfo.InvariantCulture, $" ORDER BY created_at, run FETCH FIRST {query.Limit + 1L} ROWS WITH TIES")).Build();
    }

    private static async Task<Page<RunRecord>> ReadPageAsync(Database database, NpgsqlDataReader rows, int fetched, int limit, CancellationToken cancellationToken)
    {
        var (runs, count) = (new List<RunRecord>(), 0);
        (long, string)? last = null;
        while (await rows.ReadAsync(cancellationToken))
        {
            var place = (rows.GetInt64(1), StoredText.From(rows.GetFieldValue<byte[]>(0)));
            if ((count >= fetched || runs.Count >= limit) && place != last) return new Page<RunRecord> { Items = runs, HasMore = true };
            count++;
            last = place;
            if (database.Corrupt.Read("run", place.Item2, rows.GetFieldValue<byte[]>(2), static d => RunRecord.FromDocument(d)) is { } run) runs.Add(run);
        }

        // When the row beyond the limit shares the last place, the server has sent no row after it.
        return new Page<RunRecord> { Items = runs, HasMore = count > limit };
    }
}
