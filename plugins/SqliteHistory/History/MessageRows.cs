using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Turns rows into messages.</summary>
internal sealed class MessageRows(SqlRows row)
{
    public const string Columns = "id, " + Others;

    /// <summary>The columns without the first, the id.</summary>
    public const string Others = "message, json, form, part, source, run, agent, outcome, error_type, created_at";

    /// <summary>The bytes of the current row's message.</summary>
    public int Length => row.GetLength(2);

    /// <returns>Null when the message cannot be read.</returns>
    public StoredMessage? Read(CorruptRecords corrupt) => corrupt.Read("message", row.GetString(1), Read);

    private StoredMessage Read()
    {
        var json = row.GetSpan(2);
        var message = row.GetInt32(3) == Schema.DocumentForm ? HistoryMessage.FromDocument(json) : ReadEarlier(json);
        return StoredMessage.From(message, json.Length, row.GetInt64(0));
    }

    private HistoryMessage ReadEarlier(ReadOnlySpan<byte> json) => EarlierRows.ReadMessage(json) with
    {
        Id = row.GetString(1),
        Origin = (MessageOrigin)row.GetInt32(4),
        Source = row.GetText(5),
        RunId = row.GetText(6),
        Agent = row.GetText(7),
        Outcome = (RunOutcome)row.GetInt32(8),
        ErrorType = row.GetText(9),
        CreatedAt = row.GetTime(10),
    };
}
