using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>What a message has from the append that brought it.</summary>
internal sealed record AppendFacts(string? RunId, string? Agent, RunOutcome Outcome, string? ErrorType, DateTimeOffset CreatedAt);

/// <summary>
/// A message as the database holds it. JSON of an append becomes objects when it is first asked for and then stays so: what
/// is remembered is equal to what would be read, and never an object of the host or of a plugin.
/// </summary>
internal sealed class StoredMessage(string id, MessagePart part, string? source, AppendFacts facts, byte[]? json, int length)
{
    /// <summary>What an object costs beside the text it was made of, roughly.</summary>
    private const int Overhead = 600;

    private byte[]? _json = json;
    private HistoryMessage? _value;

    /// <summary>The row; set when the row is written or read, before others see the message.</summary>
    public long RowId { get; set; }

    public string Id { get; } = id;

    public MessagePart Part { get; } = part;

    public string? Source { get; } = source;

    public AppendFacts Facts { get; } = facts;

    /// <summary>For the row; to be read before others see the message.</summary>
    public byte[] Json => _json!;

    /// <summary>About how many bytes of memory it takes.</summary>
    public long Cost => Overhead + (2L * length);

    /// <summary>The message. Thread-safe: two that ask at once may each parse it, and both get the same object.</summary>
    public HistoryMessage Value
    {
        get
        {
            if (Volatile.Read(ref _value) is { } value) return value;
            var json = Volatile.Read(ref _json);
            // Without the text, another thread has just set the value.
            if (json is null) return Volatile.Read(ref _value)!;
            var parsed = Interlocked.CompareExchange(ref _value, Parse(json), null) ?? Volatile.Read(ref _value)!;
            Volatile.Write(ref _json, null);
            return parsed;
        }
    }

    public static StoredMessage From(HistoryMessage message, AppendFacts facts)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message.Message, ChatJson.Message);
        return new StoredMessage(message.Id, message.Part, message.Source, facts, json, json.Length);
    }

    /// <summary>A row that was read because it is wanted now, so that its JSON need not be kept.</summary>
    public static StoredMessage Read(string id, MessagePart part, string? source, AppendFacts facts, ReadOnlySpan<byte> json, long rowId)
    {
        var message = new StoredMessage(id, part, source, facts, null, json.Length) { RowId = rowId };
        message._value = message.Parse(json);
        return message;
    }

    private HistoryMessage Parse(ReadOnlySpan<byte> json) => new(Id, Part, JsonSerializer.Deserialize(json, ChatJson.Message)!)
    {
        Source = Source,
        RunId = Facts.RunId,
        Agent = Facts.Agent,
        Outcome = Facts.Outcome,
        ErrorType = Facts.ErrorType,
        CreatedAt = Facts.CreatedAt,
    };
}
