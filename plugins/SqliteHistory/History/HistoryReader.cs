using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Reads messages from the database.</summary>
internal static class HistoryReader
{
    private const string FindHistory = "SELECT id FROM histories WHERE tenant = $1 AND session = $2 AND source = $3";
    private const string FindMessage = "SELECT id FROM messages WHERE history = $1 AND message = $2";
    private const string FindEndOfRun = "SELECT max(last) FROM appends WHERE history = $1 AND run = $2";
    private const string Columns = "SELECT " + MessageRows.Columns + " FROM messages INDEXED BY messages_in_order ";
    private const string Where = "WHERE history = $1 AND id > $2 AND id < $3 AND ($4 OR outcome <> 1) ";
    private const string Ascending = Columns + Where + "ORDER BY id";
    private const string Descending = Columns + Where + "ORDER BY id DESC";

    /// <summary>Which messages to read.</summary>
    /// <param name="Source">The instance's name in its chain.</param>
    /// <param name="Query">The query.</param>
    internal readonly record struct Request(string Source, HistoryQuery Query);

    /// <returns>The messages in the order of the query.</returns>
    public static Page<StoredMessage> Read(PreparedConnection connection, Request request)
    {
        if (!TryFindBounds(connection, request, out var history, out var after, out var before)) return new Page<StoredMessage> { Items = [], HasMore = false };
        var sql = request.Query.Order == ListOrder.Ascending ? Ascending : Descending;
        var messages = new List<StoredMessage>(Math.Min(request.Query.Limit, 128));
        using var rows = connection.Query(sql, history, after, before, request.Query.IncludeFailed ? 1 : 0);
        var reader = new MessageRows(rows);
        var bytes = 0L;
        while (rows.Read())
        {
            if (messages.Count == request.Query.Limit || bytes > request.Query.MaxBytes) return new Page<StoredMessage> { Items = messages, HasMore = true };
            if (reader.Read(connection.Corrupt) is { } message) messages.Add(message);
            bytes += reader.Length;
        }

        return new Page<StoredMessage> { Items = messages, HasMore = false };
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
