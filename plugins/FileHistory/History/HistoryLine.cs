using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>One append as a line of a history file. <see cref="Messages"/> is empty when the line was read without messages.</summary>
internal sealed record HistoryLine
{
    public const int Version = 1;

    public static readonly JsonTypeInfo<ChatMessage> MessageType =
        (JsonTypeInfo<ChatMessage>)StoredJson.Serializer.GetTypeInfo(typeof(ChatMessage));

    public string? Run { get; private set; }

    public int Attempt { get; private set; } = 1;

    public int Step { get; private set; }

    public RunOutcome Outcome { get; private set; }

    public IReadOnlyList<string> Ids { get; private set; } = [];

    public IReadOnlyList<HistoryMessage> Messages { get; private set; } = [];

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
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName) line.ReadMember(ref json, withMessages);
            Expect(!json.Read(), "Unexpected data after the object.");
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
        Agent = Agent,
        Outcome = Outcome,
        ErrorType = ErrorType,
        CreatedAt = CreatedAt,
    };

    private void ReadMember(ref Utf8JsonReader json, bool withMessages)
    {
        var name = json.GetString();
        json.Read();
        switch (name)
        {
            case "v" when json.GetInt32() != Version: throw new JsonException($"Expected version {Version}, got {json.GetInt32()}.");
            case "run": Run = json.GetString(); break;
            case "attempt": Attempt = json.GetInt32(); break;
            case "step": Step = json.GetInt32(); break;
            case "agent": Agent = json.GetString(); break;
            case "outcome": Outcome = HistoryEnumNames.ToOutcome(json.GetString()); break;
            case "error": ErrorType = json.GetString(); break;
            case "at": CreatedAt = json.GetDateTimeOffset(); break;
            case "messages": ReadMessages(ref json, withMessages); break;
            default: json.Skip(); break;
        }
    }

    private void ReadMessages(ref Utf8JsonReader json, bool withMessages)
    {
        List<string> ids = [];
        List<HistoryMessage> messages = [];
        Expect(json.TokenType == JsonTokenType.StartArray, "'messages': expected array.");
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            var message = ReadMessage(ref json, withMessages);
            ids.Add(message.Id);
            if (withMessages) messages.Add(message);
        }

        Expect(json.TokenType == JsonTokenType.EndArray, "'messages': expected objects.");
        (Ids, Messages) = (ids, messages);
    }

    private HistoryMessage ReadMessage(ref Utf8JsonReader json, bool withMessage)
    {
        string? id = null, source = null;
        ChatMessage? message = null;
        var part = MessageOrigin.Input;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            switch (name)
            {
                case "id": id = json.GetString(); break;
                case "part": part = HistoryEnumNames.ToPart(json.GetString()); break;
                case "source": source = json.GetString(); break;
                case "message" when withMessage: message = JsonSerializer.Deserialize(ref json, MessageType); break;
                default: json.Skip(); break;
            }
        }

        if (id is null || (withMessage && message is null)) throw new JsonException("A message has no id or no content.");
        return new HistoryMessage
        {
            Id = id,
            Origin = part,
            Message = message!,
            Source = source,
            RunId = Run,
            Agent = Agent,
            Outcome = Outcome,
            ErrorType = ErrorType,
            CreatedAt = CreatedAt,
        };
    }

    private static void Expect(bool condition, string error)
    {
        if (!condition) throw new JsonException(error);
    }
}
