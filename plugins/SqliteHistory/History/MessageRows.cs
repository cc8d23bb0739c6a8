using System.Text;
using PluginHost.Sdk;
using SQLitePCL;

namespace PluginHost.Sqlite;

/// <summary>Turns rows into messages. SQLite's native columns return text as bytes, from which documents are read without a copy.</summary>
internal sealed class MessageRows(sqlite3_stmt row)
{
    public const string Columns = "id, message, json, form, part, source, run, agent, outcome, error_type, created_at";

    /// <summary>The bytes of the current row's message.</summary>
    public int Length => raw.sqlite3_column_bytes(row, 2);

    /// <returns>Null when the message cannot be read.</returns>
    public StoredMessage? Read(CorruptRecords corrupt) => corrupt.Read("message", Text(1)!, Read);

    private StoredMessage Read()
    {
        var json = raw.sqlite3_column_blob(row, 2);
        var message = raw.sqlite3_column_int(row, 3) == Schema.DocumentForm ? HistoryMessage.FromDocument(json) : ReadEarlier(json);
        return StoredMessage.From(message, json.Length, raw.sqlite3_column_int64(row, 0));
    }

    private HistoryMessage ReadEarlier(ReadOnlySpan<byte> json) => EarlierRows.ReadMessage(json) with
    {
        Id = Text(1)!,
        Origin = (MessageOrigin)raw.sqlite3_column_int(row, 4),
        Source = Text(5),
        RunId = Text(6),
        Agent = Text(7),
        Outcome = (RunOutcome)raw.sqlite3_column_int(row, 8),
        ErrorType = Text(9),
        CreatedAt = new DateTimeOffset(raw.sqlite3_column_int64(row, 10), TimeSpan.Zero),
    };

    private string? Text(int column)
    {
        var text = raw.sqlite3_column_blob(row, column);
        return text.IsEmpty && raw.sqlite3_column_type(row, column) == raw.SQLITE_NULL ? null : Encoding.UTF8.GetString(text);
    }
}
