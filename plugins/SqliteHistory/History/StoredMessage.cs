using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>The values that all messages of an append share.</summary>
internal sealed record AppendInfo(string? RunId, string? Agent, RunOutcome Outcome, string? ErrorType, DateTimeOffset CreatedAt);

/// <summary>
/// A message of the database. Its JSON is parsed on first use: a cached message then equals a message read from the database, and
/// never holds an object of the host or of another plugin.
/// </summary>
internal sealed class StoredMessage(string id, MessageOrigin part, string? source, AppendInfo append, byte[]? json, int length)
{
    /// <summary>The approximate memory of the object in bytes, without its text.</summary>
    private const int Overhead = 600;

    private byte[]? _json = json;
    private HistoryMessage? _value;

    /// <summary>The row id. Set when the row is written or read, before other threads use the message.</summary>
    public long RowId { get; set; }

    public string Id { get; } = id;

    public MessageOrigin Part { get; } = part;

    public string? Source { get; } = source;

    public AppendInfo Append { get; } = append;

    /// <summary>The JSON for the row. Available only before other threads use the message.</summary>
    public byte[] Json => _json!;

    /// <summary>The approximate memory in bytes.</summary>
    public long Size => Overhead + (2L * length);

    /// <summary>The message. Thread-safe: concurrent callers may parse it twice, and get the same object.</summary>
    public HistoryMessage Value
    {
        get
        {
            if (Volatile.Read(ref _value) is { } value) return value;
            var json = Volatile.Read(ref _json);
            // The JSON is gone because another thread has set the value.
            if (json is null) return Volatile.Read(ref _value)!;
            var parsed = Interlocked.CompareExchange(ref _value, Parse(json), null) ?? Volatile.Read(ref _value)!;
            Volatile.Write(ref _json, null);
            return parsed;
        }
    }

    public static StoredMessage From(HistoryMessage message, AppendInfo append)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message.Message, ChatJson.Message);
        return new StoredMessage(message.Id, message.Origin, message.Source, append, json, json.Length);
    }

    /// <summary>Creates a message from a row and parses its JSON immediately.</summary>
    public static StoredMessage Read(string id, MessageOrigin part, string? source, AppendInfo append, ReadOnlySpan<byte> json, long rowId)
    {
        var message = new StoredMessage(id, part, source, append, null, json.Length) { RowId = rowId };
        message._value = message.Parse(json);
        return message;
    }

    private HistoryMessage Parse(ReadOnlySpan<byte> json) => new()
    {
        Id = Id,
        Origin = Part,
        Message = JsonSerializer.Deserialize(json, ChatJson.Message)!,
        Source = Source,
        RunId = Append.RunId,
        Agent = Append.Agent,
        Outcome = Append.Outcome,
        ErrorType = Append.ErrorType,
        CreatedAt = Append.CreatedAt,
    };
}
