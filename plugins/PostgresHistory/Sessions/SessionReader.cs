using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>Reads session records.</summary>
internal static class SessionReader
{
    private static readonly string[] ByCreation = ["created_at", "session", "tenant"];
    private static readonly string[] ByLastSave = ["updated_at", "session", "tenant"];

    public static async ValueTask<Page<SessionRecord>> ReadAsync(Database database, SessionQuery query, CancellationToken cancellationToken)
    {
        var bounds = new PageBounds(query.Order, query.After, query.Before);
        var limit = query.Limit;
        while (true)
        {
            var current = query;
            var page = await database.ReadAsync("find sessions", Build(current, bounds), (rows, token) => ReadPageAsync(database, rows, current, limit, bounds, token), cancellationToken);
            if (page.Items.Count > 0 || !page.HasMore) return page;
            // None of these rows can be read, so none is a cursor: read more.
            query = query with { Limit = query.Limit * 2 };
        }
    }

    public static ValueTask<long> CountAsync(Database database, string tenant, CancellationToken cancellationToken) => database.ReadAsync(
        "count sessions",
        new Statement("SELECT count(*) FROM ~.sessions WHERE tenant = $1", StoredText.ToBytes(tenant)),
        static async (rows, token) => await rows.ReadAsync(token) ? rows.GetInt64(0) : 0,
        cancellationToken);

    private static Statement Build(SessionQuery query, PageBounds bounds)
    {
        var select = new StatementBuilder("SELECT session, document, details FROM ~.sessions WHERE ");
        var tenant = select.Place(StoredText.ToBytes(query.Tenant));
        var columns = query.IdleSince is null ? ByCreation : ByLastSave;
        select.Add(query.AllTenants ? $"{tenant}::bytea IS NOT NULL" : $"tenant = {tenant}");
        if (query.Id is { } id) select.Add($" AND session = {select.Place(StoredText.ToBytes(id))}");
        if (query.IdleSince is { } time) select.Add($" AND updated_at < {select.Place(time.UtcTicks)}");
        if (bounds.Lower is { } lower) AddBound(">", lower);
        if (bounds.Upper is { } upper) AddBound("<", upper);
        return PageLimit.Add(select, bounds.Order(columns), query.Limit, maxBytes: null);

        // The bound of an unknown session is null, with which no row compares.
        void AddBound(string comparison, string session)
        {
            var place = select.Place(StoredText.ToBytes(session));
            select.Add(
                $" AND ({string.Join(", ", columns)}) {comparison} ((SELECT {columns[0]} FROM ~.sessions WHERE tenant = {tenant} AND session = {place}), {place}, {tenant})");
        }
    }

    private static async Task<Page<SessionRecord>> ReadPageAsync(
        Database database, NpgsqlDataReader rows, SessionQuery query, int limit, PageBounds bounds, CancellationToken cancellationToken)
    {
        var sessions = new List<SessionRecord>();
        var hasMore = await PageLimit.ReadAsync(rows, query.Limit, limit, row =>
        {
            var id = StoredText.From(row.GetFieldValue<byte[]>(0));
            var details = row.GetFieldValue<byte[]>(2);
            if (database.Corrupt.Read("session", id, row.GetFieldValue<byte[]>(1), d => SessionRow.From(d, details)) is { } session)
            {
                sessions.Add(session);
                return true;
            }

            if (query.Id is not null)
                throw new PostgresStoreException($"Session '{id}' cannot be read, because its record in the database is corrupt. Delete the session, or restore a backup.");
            return false;
        }, cancellationToken);
        return bounds.ToPage(sessions, hasMore);
    }
}
