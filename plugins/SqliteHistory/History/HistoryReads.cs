using System.Text;
using PluginHost.Sdk;
using SQLitePCL;

namespace PluginHost.Sqlite;

/// <summary>Reads messages from the database.</summary>
internal static class HistoryReads
{
    private const string FindHistory = "SELECT id FROM histories WHERE tenant = $1 AND session = $2 AND source = $3";
    private const string FindMessage = "SELECT id FROM messages WHERE history = $1 AND message = $2";
    private const string FindEndOfRun = "SELECT max(last) FROM appends WHERE history = $1 AND run = $2";
    private const string Columns = "SELECT id, message, part, source, run, agent, outcome, error_type, created_at, json FROM messages ";
    private const string Where = "WHERE id > $1 AND id < $2 AND ($3 OR outcome <> 1) ";
    private const string Ascending = Columns + Where + "ORDER BY id LIMIT $4";
    private const string Descending = Columns + Where + "ORDER BY id DESC LIMIT $4";

    /// <summary>What to read.</summary>
    /// <param name="Source">The history's name in its chain.</param>
    /// <param name="Query">The bounds.</param>
    /// <param name="Order">Which end to begin at.</param>
    /// <param name="Limit">How many at most.</param>
    internal readonly record struct Request(string Source, HistoryQuery Query, ListOrder Order, int Limit);

    /// <returns>The messages in the order of the request, and whether there are more.</returns>
    public static Page<StoredMessage> Read(PreparedConnection connection, Request request)
    {
        if (!TryBound(connection, request, out var after, out var before)) return new Page<StoredMessage>([], false);
        var sql = request.Order == ListOrder.Ascending ? Ascending : Descending;
        var messages = new List<StoredMessage>(Math.Min(request.Limit, 128));
        using var rows = connection.Query(sql, after, before, request.Query.IncludeFailed ? 1 : 0, (long)request.Limit + 1);
        while (rows.Read())
        {
            if (messages.Count == request.Limit) return new Page<StoredMessage>(messages, true);
            messages.Add(ReadRow(rows.Handle!));
        }

        return new Page<StoredMessage>(messages, false);
    }

    private static bool TryBound(PreparedConnection connection, Request request, out long after, out long before)
    {
        var (query, session) = (request.Query, request.Query.Session);
        (after, before) = (0, 0);
        if (connection.Number(FindHistory, session.Tenant, session.Id, request.Source) is not { } history) return false;
        (after, before) = (Schema.FirstId(history), Schema.FirstId(history + 1));
        if (query.UpToRun is not null)
        {
            if (connection.Number(FindEndOfRun, history, query.UpToRun) is not { } last) return false;
            before = last + 1;
        }

        if (query.Before is not null)
        {
            if (connection.Number(FindMessage, history, query.Before) is not { } id) return false;
            before = Math.Min(before, id);
        }

        if (query.After is null) return true;
        if (connection.Number(FindMessage, history, query.After) is not { } newest) return false;
        after = newest;
        return true;
    }

    /// <summary>By way of SQLite's own columns: half of the time of a long window goes into reading rows.</summary>
    private static StoredMessage ReadRow(sqlite3_stmt row)
    {
        var facts = new AppendFacts(
            Text(row, 4), Text(row, 5), (RunOutcome)raw.sqlite3_column_int(row, 6), Text(row, 7),
            new DateTimeOffset(raw.sqlite3_column_int64(row, 8), TimeSpan.Zero));
        return StoredMessage.Read(
            Text(row, 1)!, (MessagePart)raw.sqlite3_column_int(row, 2), Text(row, 3), facts, raw.sqlite3_column_blob(row, 9), raw.sqlite3_column_int64(row, 0));
    }

    private static string? Text(sqlite3_stmt row, int column)
    {
        var text = raw.sqlite3_column_blob(row, column);
        return text.IsEmpty && raw.sqlite3_column_type(row, column) == raw.SQLITE_NULL ? null : Encoding.UTF8.GetString(text);
    }
}
