using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>Reads the updates of an outline, in order.</summary>
internal sealed class OutlineReader(IReadOnlyList<ChatMessage> output)
{
    private OutlineHead _head;
    private int _message;
    private int _content;
    private int _offset;

    public ChatResponseUpdate Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number) return Create([ReadText(json.GetInt32())]);
        if (json.TryGetProperty("update"u8, out var update)) return UpdateJson.Read(update);
        if (json.TryGetProperty("head"u8, out var head)) _head = new(Text(head, "role") is { } role ? new ChatRole(role) : null, Text(head, "id"), Text(head, "author"));
        return Create([.. json.GetProperty("contents"u8).EnumerateArray().Select(ReadContent)]);
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private ChatResponseUpdate Create(List<AIContent> contents) => new(_head.Role, contents) { MessageId = _head.MessageId, AuthorName = _head.Author };

    private AIContent ReadContent(JsonElement json)
    {
        if (json.TryGetProperty("content"u8, out var content)) return content.Deserialize(ChatJson.Content) ?? throw new JsonException("Expected content, got null.");
        if (json.TryGetProperty("whole"u8, out var whole)) return output[whole[0].GetInt32()].Contents[whole[1].GetInt32()];
        if (json.TryGetProperty("at"u8, out var at)) (_message, _content, _offset) = (at[0].GetInt32(), at[1].GetInt32(), at[2].GetInt32());
        return ReadText(json.GetProperty("length"u8).GetInt32());
    }

    private AIContent ReadText(int length)
    {
        var content = output[_message].Contents[_content];
        var text = (DeliveredPiece.TextOf(content) ?? throw new JsonException("Expected text.")).Substring(_offset, length);
        _offset += length;
        return content is TextContent ? new TextContent(text) : new TextReasoningContent(text);
    }
}
