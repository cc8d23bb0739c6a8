using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.OpenAI.Wire;

/// <summary>The items of a response.</summary>
[JsonConverter(typeof(ItemOutputConverter))]
internal sealed record ItemOutput(IReadOnlyList<Item> Items)
{
    public static ItemOutput Empty { get; } = new([]);
}

/// <summary>
/// Writes the item of most answers, a message of text without more, directly: the serializer finds out the kind of an item and of its parts
/// by means that take half as long as the rest of the response. All others are the serializer's.
/// </summary>
internal sealed class ItemOutputConverter : JsonConverter<ItemOutput>
{
    public override ItemOutput Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Responses are only written.");

    public override void Write(Utf8JsonWriter writer, ItemOutput value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        for (var i = 0; i < value.Items.Count; i++)
        {
            if (value.Items[i] is MessageItem { Members: null } message) WriteMessage(writer, message);
            else JsonSerializer.Serialize(writer, value.Items[i], ResponsesJson.Default.Item);
        }

        writer.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter writer, MessageItem message)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("status"u8, message.Status);
        writer.WriteString("role"u8, message.Role);
        writer.WriteStartArray("content"u8);
        for (var i = 0; i < message.Content.Count; i++)
        {
            if (message.Content[i] is OutputTextPart text) WriteText(writer, text);
            else JsonSerializer.Serialize(writer, message.Content[i], ResponsesJson.Default.Part);
        }

        writer.WriteEndArray();
        writer.WriteString("id"u8, message.Id);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, OutputTextPart text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "output_text"u8);
        writer.WriteString("text"u8, text.Text);
        WriteList(writer, "annotations"u8, text.Annotations);
        WriteList(writer, "logprobs"u8, text.LogProbabilities);
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<JsonElement> list)
    {
        writer.WriteStartArray(name);
        for (var i = 0; i < list.Count; i++) list[i].WriteTo(writer);
        writer.WriteEndArray();
    }
}
