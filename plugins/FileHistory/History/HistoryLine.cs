using System.Text.Json;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>One append as a line of a history file. <see cref="Messages"/> is empty when the line was read without messages.</summary>
internal sealed record HistoryLine
{
    /// <summary>The version that is written. Version 1 has messages in a form of this plugin.</summary>
    public const int Version = 2;

    private int _version = Version;

    public string? Run { get; private set; }

    public int Attempt { get; private set; } = 1;

    public int Step { get; private set; }

    public RunOutcome Outcome { get; private set; }

    public IReadOnlyList<string> Ids { get; private set; } = [];

    /// <summary>The indexes of the pinned messages.</summary>
    public IReadOnlyList<int> Pinned { get; private set; } = [];

    public IReadOnlyList<HistoryMessage> Messages { get; private set; } = [];

    // Of version 1; later the messages have it.
    private string? Agent { get; set; }

    private string? ErrorType { get; set; }

    private DateTimeOffset CreatedAt { get; set; }

    /// <summary>Reads a line.</summary>
    /// <exception cref="JsonException">The line is not a valid append.</exception>
    public static HistoryLine Read(ReadOnlySpan<byte> bytes, bool withMessages)
    {
        try
        {
            var json = new Utf8JsonReader(bytes, StoredJson.Reader);
            var line = new HistoryLine();
            Expect(json.Read() && json.TokenType == JsonTokenType.StartObject, "Expected a JSON object.");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName) line.ReadMember(ref json, bytes, withMessages);
            Expect(!json.Read(), "Unexpected data after the object.");
            Expect(line.Pinned.All(i => i >= 0 && i < line.Ids.Count), "'pinned' has an index without a message.");
            Expect(!withMessages || line.Ids.Count == line.Messages.Count, "'ids' and 'messages' differ in number.");
            return line;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NotSupportedException)
        {
            // The JSON reader reports a value of the wrong type with these exceptions.
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>The append of the line, with the messages that <paramref name="keep"/> accepts.</summary>
    public HistoryAppend ToAppend(SessionKey session, Func<HistoryMessage, bool> keep) => new()
    {
        Session = session,
        Messages = [.. Messages.Where(keep)],
        RunId = Run,
        Attempt = Attempt,
        Step = Step,
        Outcome = Outcome,
    };

    private void ReadMember(ref Utf8JsonReader json, ReadOnlySpan<byte> bytes, bool withMessages)
    {
        var name = json.GetString();
        json.Read();
        switch (name)
        {
            case "v": _version = ReadVersion(ref json); break;
            case "run": Run = json.GetString(); break;
            case "attempt": Attempt = json.GetInt32(); break;
            case "step": Step = json.GetInt32(); break;
            case "outcome": Outcome = ReadOutcome(json.GetString()); break;
            case "ids": Ids = ReadIds(ref json); break;
            case "pinned": Pinned = ReadIndexes(ref json); break;
            case "messages" when _version == 1: ReadEarlierMessages(ref json, bytes, withMessages); break;
            case "messages" when withMessages: Messages = ReadMessages(ref json, bytes); break;
            case "agent": Agent = json.GetString(); break;
            case "error": ErrorType = json.GetString(); break;
            case "at": CreatedAt = json.GetDateTimeOffset(); break;
            default: json.Skip(); break;
        }
    }

    private static int ReadVersion(ref Utf8JsonReader json)
    {
        var version = json.GetInt32();
        return version is 1 or Version ? version : throw new JsonException($"Expected version {Version}, got {version}.");
    }

    private static RunOutcome ReadOutcome(string? name) => name switch
    {
        "completed" => RunOutcome.Completed,
        "failed" => RunOutcome.Failed,
        "cancelled" => RunOutcome.Cancelled,
        _ => throw new JsonException($"Unknown outcome '{name}'."),
    };

    private static List<string> ReadIds(ref Utf8JsonReader json)
    {
        List<string> ids = [];
        Expect(json.TokenType == JsonTokenType.StartArray, "'ids': expected array.");
        while (json.Read() && json.TokenType == JsonTokenType.String) ids.Add(json.GetString()!);
        Expect(json.TokenType == JsonTokenType.EndArray, "'ids': expected strings.");
        return ids;
    }

    private static List<int> ReadIndexes(ref Utf8JsonReader json)
    {
        List<int> indexes = [];
        Expect(json.TokenType == JsonTokenType.StartArray, "'pinned': expected array.");
        while (json.Read() && json.TokenType == JsonTokenType.Number) indexes.Add(json.GetInt32());
        Expect(json.TokenType == JsonTokenType.EndArray, "'pinned': expected numbers.");
        return indexes;
    }

    private static List<HistoryMessage> ReadMessages(ref Utf8JsonReader json, ReadOnlySpan<byte> bytes)
    {
        List<HistoryMessage> messages = [];
        Expect(json.TokenType == JsonTokenType.StartArray, "'messages': expected array.");
        while (json.Read() && json.TokenType == JsonTokenType.StartObject) messages.Add(HistoryMessage.FromDocument(Skip(ref json, bytes)));
        Expect(json.TokenType == JsonTokenType.EndArray, "'messages': expected objects.");
        return messages;
    }

    private void ReadEarlierMessages(ref Utf8JsonReader json, ReadOnlySpan<byte> bytes, bool withMessages)
    {
        List<string> ids = [];
        List<HistoryMessage> messages = [];
        Expect(json.TokenType == JsonTokenType.StartArray, "'messages': expected array.");
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            var message = EarlierMessage.Read(Skip(ref json, bytes), withMessages);
            ids.Add(message.Id);
            if (!withMessages) continue;
            messages.Add(message.ToMessage() with { RunId = Run, Agent = Agent, Outcome = Outcome, ErrorType = ErrorType, CreatedAt = CreatedAt });
        }

        Expect(json.TokenType == JsonTokenType.EndArray, "'messages': expected objects.");
        (Ids, Messages) = (ids, messages);
    }

    /// <summary>Skips a value and returns its bytes.</summary>
    private static ReadOnlySpan<byte> Skip(ref Utf8JsonReader json, ReadOnlySpan<byte> bytes)
    {
        var start = (int)json.TokenStartIndex;
        json.Skip();
        return bytes[start..(int)json.BytesConsumed];
    }

    private static void Expect(bool condition, string error)
    {
        if (!condition) throw new JsonException(error);
    }
}
