using System.Text.Json;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>A message in a line of version 1.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Origin">Where the message came from.</param>
/// <param name="Source">The plugin that added it; null for none.</param>
/// <param name="Document">A document of the SDK that holds the message alone; empty when it was not read.</param>
internal sealed record EarlierMessage(string Id, MessageOrigin Origin, string? Source, byte[] Document)
{
    public HistoryMessage ToMessage() => HistoryMessage.FromDocument(Document) with { Id = Id, Origin = Origin, Source = Source };

    /// <exception cref="JsonException">It is not a message.</exception>
    public static EarlierMessage Read(ReadOnlySpan<byte> bytes, bool withContent)
    {
        var json = new Utf8JsonReader(bytes, StoredJson.Reader);
        string? id = null, source = null;
        byte[]? document = null;
        var origin = MessageOrigin.Input;
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            switch (name)
            {
                case "id": id = json.GetString(); break;
                case "part": origin = ReadOrigin(json.GetString()); break;
                case "source": source = json.GetString(); break;
                case "message" when withContent:
                    var start = (int)json.TokenStartIndex;
                    json.Skip();
                    document = [.. """{"id":"","message":"""u8, .. bytes[start..(int)json.BytesConsumed], (byte)'}'];
                    break;
                default: json.Skip(); break;
            }
        }

        if (id is null || (withContent && document is null)) throw new JsonException("A message has no id or no content.");
        return new EarlierMessage(id, origin, source, document ?? []);
    }

    private static MessageOrigin ReadOrigin(string? name) => name switch
    {
        "input" => MessageOrigin.Input,
        "output" => MessageOrigin.Output,
        "context" => MessageOrigin.Context,
        _ => throw new JsonException($"Unknown part '{name}'."),
    };
}
