using System.Text;
using PluginHost.Sdk;
using SQLitePCL;

namespace PluginHost.Sqlite;

/// <summary>
/// Turns rows into messages. SQLite's native columns return text as bytes, so equal values of consecutive rows need no new
/// strings.
/// </summary>
internal sealed class MessageRows(sqlite3_stmt row)
{
    public const string Columns = "id, message, part, source, run, created_at, outcome, agent, error_type, json";

    private AppendInfo? _lastAppend;
    private byte[] _run = [];

    /// <summary>The bytes of the current row's message.</summary>
    public int Length => raw.sqlite3_column_bytes(row, 9);

    /// <returns>Null when the message cannot be read.</returns>
    public StoredMessage? Read(CorruptRecords corrupt)
    {
        var id = Text(1)!;
        return corrupt.Read("message", id, () => StoredMessage.Read(
            id, (MessageOrigin)raw.sqlite3_column_int(row, 2), Text(3), ReadAppend(), raw.sqlite3_column_blob(row, 9), raw.sqlite3_column_int64(row, 0)));
    }

    private AppendInfo ReadAppend()
    {
        var run = raw.sqlite3_column_blob(row, 4);
        var createdAt = raw.sqlite3_column_int64(row, 5);
        var outcome = (RunOutcome)raw.sqlite3_column_int(row, 6);
        // A failed append also has an error type, which this comparison does not include.
        if (_lastAppend is { RunId.Length: > 0, Outcome: not RunOutcome.Failed } last && last.CreatedAt.Ticks == createdAt && last.Outcome == outcome && run.SequenceEqual(_run)) return last;
        _run = run.ToArray();
        return _lastAppend = new AppendInfo(Text(4), Text(7), outcome, Text(8), new DateTimeOffset(createdAt, TimeSpan.Zero));
    }

    private string? Text(int column)
    {
        var text = raw.sqlite3_column_blob(row, column);
        return text.IsEmpty && raw.sqlite3_column_type(row, column) == raw.SQLITE_NULL ? null : Encoding.UTF8.GetString(text);
    }
}
