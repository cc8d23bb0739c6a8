using System.Globalization;
using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>Finds runs over all sessions, from the indexes by time.</summary>
internal static class RunSearcher
{
    private const int FirstChunk = 100;

    /// <remarks>
    /// <see cref="RunSearch.Collect"/> says how many runs it needs. They are read in chunks that double, until it has not asked for more.
    /// </remarks>
    public static async ValueTask<RunSearchPage> ReadAsync(Database database, RunSearch search, CancellationToken cancellationToken)
    {
        var runs = new List<RunRecord>();
        var start = search.Start;
        for (var size = FirstChunk; ; size *= 2)
        {
            var chunk = await database.ReadAsync("search runs", Build(search, start, size), (rows, token) => ReadChunkAsync(database, rows, search, token), cancellationToken);
            runs.AddRange(chunk.Runs);
            start = chunk.Last;
            var needsMore = false;
            var page = search.Collect(Enumerate(runs, () => needsMore = true));
            if (!needsMore || chunk.Count < size) return page;
        }
    }

    private static IEnumerable<RunRecord> Enumerate(List<RunRecord> runs, Action atEnd)
    {
        foreach (var run in runs) yield return run;
        atEnd();
    }

    private static Statement Build(RunSearch search, RunPlace? start, int size)
    {
        var select = new StatementBuilder("SELECT r.run, r.created_at, s.tenant, s.session, ");
        // The document of another tenant's run need not be read to leave it out.
        select.Add(search.Tenant is { } tenant ? $"CASE WHEN r.tenant = {select.Place(StoredText.ToBytes(tenant))} THEN r.document END" : "r.document");
        select.Add(" FROM ~.runs r JOIN ~.sessions s ON s.id = r.session WHERE ");
        select.Add(MayBeOpen(search) ? "true" : "NOT r.open");
        if (search.OnlyTrouble || search.ErrorType is not null || search.Skipped is not null || search.Status == RunStatus.Failed) select.Add(" AND r.trouble");
        if (start is { } place) select.Add($" AND (r.created_at, r.run) < ({select.Place(place.CreatedAt.UtcTicks)}, {select.Place(StoredText.ToBytes(place.RunId))})");
        // Runs of several sessions may share a place, which chunks must not divide.
        return select.Add(string.Create(CultureInfo.InvariantCulture, $" ORDER BY r.created_at DESC, r.run DESC FETCH FIRST {size} ROWS WITH TIES")).Build();
    }

    private static bool MayBeOpen(RunSearch search) =>
        search.ErrorType is null && search.Status is not (RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled);

    private static async Task<Chunk> ReadChunkAsync(Database database, NpgsqlDataReader rows, RunSearch search, CancellationToken cancellationToken)
    {
        var (runs, count) = (new List<RunRecord>(), 0);
        RunPlace? last = null;
        while (await rows.ReadAsync(cancellationToken))
        {
            count++;
            var id = StoredText.From(rows.GetFieldValue<byte[]>(0));
            last = new RunPlace { CreatedAt = new DateTimeOffset(rows.GetInt64(1), TimeSpan.Zero), RunId = id };
            if (Read(rows, id, last.CreatedAt) is { } run) runs.Add(run);
        }

        return new Chunk(runs, count, last);

        RunRecord? Read(NpgsqlDataReader row, string id, DateTimeOffset time)
        {
            var session = new SessionKey(StoredText.From(row.GetFieldValue<byte[]>(2)), StoredText.From(row.GetFieldValue<byte[]>(3)));
            return search.Tenant is null || search.Tenant == session.Tenant
                ? database.Corrupt.Read("run", id, row.GetFieldValue<byte[]>(4), static d => RunRecord.FromDocumentWithoutOutput(d))
                : new RunRecord { Id = id, Session = session, Agent = "", Status = RunStatus.Completed, CreatedAt = time };
        }
    }

    /// <param name="Runs">The runs that can be read.</param>
    /// <param name="Count">The number of rows.</param>
    /// <param name="Last">The place of the last row.</param>
    private sealed record Chunk(List<RunRecord> Runs, int Count, RunPlace? Last);
}
