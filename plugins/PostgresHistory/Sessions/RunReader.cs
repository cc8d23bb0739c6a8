using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>Reads run records: those that have ended by their first end, then those in progress by creation.</summary>
internal static class RunReader
{
    public static async ValueTask<Page<RunRecord>> ReadAsync(Database database, RunQuery query, CancellationToken cancellationToken)
    {
        var bounds = new PageBounds(query.Order, query.After, query.Before);
        var limit = query.Limit;
        while (true)
        {
            var fetched = query.Limit;
            var page = await database.ReadAsync("find runs", Build(query, bounds), (rows, token) => ReadPageAsync(database, rows, fetched, limit, bounds, token), cancellationToken);
            if (page.Items.Count > 0 || !page.HasMore) return page;
            // None of these rows can be read, so none is a cursor: read more.
            query = query with { Limit = fetched * 2, MaxBytes = query.MaxBytes * 2 };
        }
    }

    private static Statement Build(RunQuery query, PageBounds bounds)
    {
        var select = new StatementBuilder("SELECT run, document FROM ~.runs WHERE ");
        var condition = $"tenant = {select.Place(StoredText.ToBytes(query.Tenant))}";
        if (query.SessionId is { } session) condition += $" AND session = (SELECT id FROM ~.sessions WHERE tenant = $1 AND session = {select.Place(StoredText.ToBytes(session))})";
        select.Add(condition);
        if (query.RunId is { } run) select.Add($" AND run = {select.Place(StoredText.ToBytes(run))}");
        if (query.IdempotencyKey is { } key) select.Add($" AND idempotency_key = {select.Place(StoredText.ToBytes(key))}");
        if (bounds.Lower is { } lower) AddBound(">", lower);
        if (bounds.Upper is { } upper) AddBound("<", upper);
        return PageLimit.Add(select, bounds.Order("place", "created_at", "run"), query.Limit, query.MaxBytes);

        // The bound of an unknown run is null, with which no row compares.
        void AddBound(string comparison, string id)
        {
            var place = select.Place(StoredText.ToBytes(id));
            var at = $"FROM ~.runs WHERE {condition} AND run = {place} LIMIT 1";
            select.Add($" AND (place, created_at, run) {comparison} ((SELECT place {at}), (SELECT created_at {at}), {place})");
        }
    }

    private static async Task<Page<RunRecord>> ReadPageAsync(
        Database database, NpgsqlDataReader rows, int fetched, int limit, PageBounds bounds, CancellationToken cancellationToken)
    {
        var runs = new List<RunRecord>();
        var hasMore = await PageLimit.ReadAsync(rows, fetched, limit, row =>
        {
            var id = StoredText.From(row.GetFieldValue<byte[]>(0));
            if (database.Corrupt.Read("run", id, row.GetFieldValue<byte[]>(1), static d => RunRecord.FromDocument(d)) is not { } run) return false;
            runs.Add(run);
            return true;
        }, cancellationToken);
        return bounds.ToPage(runs, hasMore);
    }
}
