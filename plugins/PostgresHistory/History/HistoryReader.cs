using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>Reads messages.</summary>
internal static class HistoryReader
{
    private const string PositionOf = $"(SELECT position FROM ~.messages WHERE history = {HistoryRow.Id} AND message = ";
    private const string EndOfRun = $"(SELECT max(last) FROM ~.appends WHERE history = {HistoryRow.Id} AND run = ";

    public static async ValueTask<Page<HistoryMessage>> ReadAsync(Database database, string source, HistoryQuery query, CancellationToken cancellationToken)
    {
        var limit = query.Limit;
        while (true)
        {
            var fetched = query.Limit;
            var page = await database.ReadAsync("load", Build(source, query), (rows, token) => ReadPageAsync(database, rows, fetched, limit, token), cancellationToken);
            if (page.Items.Count > 0 || !page.HasMore) return page;
            // None of these rows can be read, so none is a cursor: read more.
            query = query with { Limit = fetched * 2, MaxBytes = query.MaxBytes * 2 };
        }
    }

    private static Statement Build(string source, HistoryQuery query)
    {
        var select = new StatementBuilder("");
        foreach (var part in HistoryRow.Key(source, query.Session)) select.Place(part);
        select.Add($"SELECT message, document FROM ~.messages WHERE history = {HistoryRow.Id}");
        if (!query.IncludeFailed) select.Add(" AND outcome <> 1");
        // An unknown bound is null, with which no row compares.
        if (query.UpToRun is { } run) select.Add($" AND position <= {EndOfRun}{select.Place(StoredText.ToBytes(run))})");
        if (query.Before is { } before) select.Add($" AND position < {PositionOf}{select.Place(StoredText.ToBytes(before))})");
        if (query.After is { } after) select.Add($" AND position > {PositionOf}{select.Place(StoredText.ToBytes(after))})");
        var order = query.Order == ListOrder.Ascending ? "position" : "position DESC";
        return PageLimit.Add(select, order, query.Limit, query.MaxBytes);
    }

    private static async Task<Page<HistoryMessage>> ReadPageAsync(Database database, NpgsqlDataReader rows, int fetched, int limit, CancellationToken cancellationToken)
    {
        var messages = new List<HistoryMessage>(Math.Min(limit, 128));
        var hasMore = await PageLimit.ReadAsync(rows, fetched, limit, row =>
        {
            var id = StoredText.From(row.GetFieldValue<byte[]>(0));
            if (database.Corrupt.Read("message", id, row.GetFieldValue<byte[]>(1), static d => HistoryMessage.FromDocument(d)) is not { } message) return false;
            messages.Add(message);
            return true;
        }, cancellationToken);
        return new Page<HistoryMessage> { Items = messages, HasMore = hasMore };
    }
}
