using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>Reads messages.</summary>
internal static class HistoryReader
{
    private const string PositionOf = $"(SELECT position FROM ~.messages WHERE history = {HistoryRow.Id} AND message = ";
    private const string EndOfRun = $"(SELECT max(last) FROM ~.appends WHERE history = {HistoryRow.Id} AND run = ";

    /// <summary>Messages, and what is needed to find older pinned ones.</summary>
    /// <param name="Items">The messages.</param>
    /// <param name="HasMore">Whether there are more.</param>
    /// <param name="Oldest">The position of the last one.</param>
    /// <param name="HasPinned">Whether the history has a pinned message.</param>
    private readonly record struct Result(List<StoredMessage> Items, bool HasMore, long Oldest, bool HasPinned);

    public static async ValueTask<Page<HistoryMessage>> ReadAsync(Database database, string source, HistoryQuery query, CancellationToken cancellationToken)
    {
        var (page, pinned) = await ReadWithPinnedAsync(database, source, query, cancellationToken);
        return new Page<HistoryMessage> { Items = [.. page.Items.Concat(pinned).Select(static m => m.Value)], HasMore = page.HasMore };
    }

    /// <summary>Reads the newest messages.</summary>
    /// <param name="database">The database.</param>
    /// <param name="source">The history.</param>
    /// <param name="query">A query that a window answers.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async ValueTask<Window> ReadWindowAsync(Database database, string source, HistoryQuery query, CancellationToken cancellationToken)
    {
        var (page, pinned) = await ReadWithPinnedAsync(database, source, query with { PinnedLimit = Window.MaxPinned }, cancellationToken);
        page.Items.Reverse();
        return new Window([.. page.Items], query.Limit, page.HasMore, pinned);
    }

    private static async ValueTask<(Result Page, IReadOnlyList<StoredMessage> Pinned)> ReadWithPinnedAsync(
        Database database, string source, HistoryQuery query, CancellationToken cancellationToken)
    {
        var page = await ReadPageAsync(database, source, query, pinnedBefore: null, cancellationToken);
        if (page is not { HasPinned: true, HasMore: true }) return (page, []);
        // Few sessions have pinned messages, so the others do not pay for a second statement.
        var pinned = await ReadPageAsync(database, source, query with { Limit = query.PinnedLimit, PinnedLimit = 0, MaxBytes = null }, page.Oldest, cancellationToken);
        return (page, pinned.Items);
    }

    private static async ValueTask<Result> ReadPageAsync(Database database, string source, HistoryQuery query, long? pinnedBefore, CancellationToken cancellationToken)
    {
        var limit = query.Limit;
        while (true)
        {
            var fetched = query.Limit;
            var page = await database.ReadAsync("load", Build(source, query, pinnedBefore), (rows, token) => ReadRowsAsync(database, rows, fetched, limit, token), cancellationToken);
            if (page.Items.Count > 0 || !page.HasMore) return page;
            // None of these rows can be read, so none is a cursor: read more.
            query = query with { Limit = fetched * 2, MaxBytes = query.MaxBytes * 2 };
        }
    }

    private static Statement Build(string source, HistoryQuery query, long? pinnedBefore)
    {
        var select = new StatementBuilder("");
        foreach (var part in HistoryRow.Key(source, query.Session)) select.Place(part);
        var hasPinned = query is { Order: ListOrder.Descending, PinnedLimit: > 0 } ? $"EXISTS (SELECT 1 FROM ~.pinned_messages WHERE history = {HistoryRow.Id})" : "false";
        select.Add($"SELECT message, document, position, {hasPinned} AS pins FROM ~.messages WHERE history = {HistoryRow.Id}");
        if (pinnedBefore is { } oldest) select.Add($" AND position = ANY(ARRAY(SELECT position FROM ~.pinned_messages WHERE history = {HistoryRow.Id} AND position < {select.Place(oldest)}))");
        if (!query.IncludeFailed) select.Add(" AND outcome <> 1");
        // An unknown bound is null, with which no row compares.
        if (query.UpToRun is { } run) select.Add($" AND position <= {EndOfRun}{select.Place(StoredText.ToBytes(run))})");
        if (query.Before is { } before) select.Add($" AND position < {PositionOf}{select.Place(StoredText.ToBytes(before))})");
        if (query.After is { } after) select.Add($" AND position > {PositionOf}{select.Place(StoredText.ToBytes(after))})");
        var order = query.Order == ListOrder.Ascending ? "position" : "position DESC";
        return PageLimit.Add(select, order, query.Limit, query.MaxBytes);
    }

    private static async Task<Result> ReadRowsAsync(Database database, NpgsqlDataReader rows, int fetched, int limit, CancellationToken cancellationToken)
    {
        var messages = new List<StoredMessage>(Math.Min(limit, 128));
        var (oldest, hasPinned) = (0L, false);
        var hasMore = await PageLimit.ReadAsync(rows, fetched, limit, row =>
        {
            (oldest, hasPinned) = (row.GetInt64(2), row.GetBoolean(3));
            var id = StoredText.From(row.GetFieldValue<byte[]>(0));
            var document = row.GetFieldValue<byte[]>(1);
            if (database.Corrupt.Read("message", id, document, static d => HistoryMessage.FromDocument(d)) is not { } message) return false;
            messages.Add(new StoredMessage(message, document.Length));
            return true;
        }, cancellationToken);
        return new(messages, hasMore, oldest, hasPinned);
    }
}
