using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Reads messages from the database.</summary>
internal static class HistoryReader
{
    private const string FindHistory = "SELECT id FROM histories WHERE tenant = $1 AND session = $2 AND source = $3";
    private const string FindMessage = "SELECT id FROM messages WHERE history = $1 AND message = $2";
    private const string FindEndOfRun = "SELECT max(last) FROM appends WHERE history = $1 AND run = $2";
    private const string Columns = "SELECT place, " + MessageRows.Others + " FROM ";
    private const string Where = " CROSS JOIN messages ON id = place WHERE owner = $1 AND place > $2 AND place < $3 AND ($4 OR outcome <> 1) ";
    private const string Ascending = Columns + "message_places" + Where + "UNION ALL " + Columns + "new_messages" + Where + "ORDER BY place";
    internal const string Descending = Ascending + " DESC";

    private const string Pinned =
        "SELECT " + MessageRows.Columns + " FROM messages INDEXED BY messages_pinned WHERE history = $1 AND id > $2 AND id < $3 AND ($4 OR outcome <> 1) AND pinned = 1 ORDER BY id DESC LIMIT $5";

    /// <summary>Which messages to read.</summary>
    /// <param name="Source">The instance's name in its chain.</param>
    /// <param name="Query">The query.</param>
    internal readonly record struct Request(string Source, HistoryQuery Query);

    /// <summary>Messages in the order of the query.</summary>
    /// <param name="Items">The page.</param>
    /// <param name="HasMore">Whether there are more.</param>
    /// <param name="Pinned">Older pinned messages, in the same order.</param>
    internal readonly record struct Result(IReadOnlyList<StoredMessage> Items, bool HasMore, IReadOnlyList<StoredMessage> Pinned);

    public static Result Read(PreparedConnection connection, Request request)
    {
        if (!TryFindBounds(connection, request, out var history, out var after, out var before)) return new Result([], HasMore: false, []);
        var query = request.Query;
        var (messages, end) = ReadPage(connection, query, history, after, before);
        if (end is not { } oldest) return new Result(messages, HasMore: false, []);
        var pinned = query is { Order: ListOrder.Descending, PinnedLimit: > 0 } ? ReadPinned(connection, query, history, after, oldest + 1) : [];
        return new Result(messages, HasMore: true, pinned);
    }

    /// <returns>The messages, and the id of the next one; null for none.</returns>
    private static (List<StoredMessage> Messages, long? Next) ReadPage(PreparedConnection connection, HistoryQuery query, long history, long after, long before)
    {
        var messages = new List<StoredMessage>(Math.Min(query.Limit, 128));
        using var rows = connection.Query(query.Order == ListOrder.Ascending ? Ascending : Descending, history, after, before, query.IncludeFailed ? 1 : 0);
        var reader = new MessageRows(rows);
        var bytes = 0L;
        while (rows.Read())
        {
            if (messages.Count == query.Limit || bytes > query.MaxBytes) return (messages, rows.GetInt64(0));
            if (reader.Read(connection.Corrupt) is { } message) messages.Add(message);
            bytes += reader.Length;
        }

        return (messages, null);
    }

    private static List<StoredMessage> ReadPinned(PreparedConnection connection, HistoryQuery query, long history, long after, long before)
    {
        var messages = new List<StoredMessage>();
        using var rows = connection.Query(Pinned, history, after, before, query.IncludeFailed ? 1 : 0, query.PinnedLimit);
        var reader = new MessageRows(rows);
        while (rows.Read())
        {
            if (reader.Read(connection.Corrupt) is { } message) messages.Add(message);
        }

        return messages;
    }

    private static bool TryFindBounds(PreparedConnection connection, Request request, out long history, out long after, out long before)
    {
        var (query, session) = (request.Query, request.Query.Session);
        (history, after, before) = (0, 0, long.MaxValue);
        if (connection.QueryNumber(FindHistory, session.Tenant, session.Id, request.Source) is not { } found) return false;
        history = found;
        if (query.UpToRun is not null)
        {
            if (connection.QueryNumber(FindEndOfRun, history, query.UpToRun) is not { } last) return false;
            before = last + 1;
        }

        if (query.Before is not null)
        {
            if (connection.QueryNumber(FindMessage, history, query.Before) is not { } id) return false;
            before = Math.Min(before, id);
        }

        if (query.After is null) return true;
        if (connection.QueryNumber(FindMessage, history, query.After) is not { } newest) return false;
        after = newest;
        return true;
    }
}
