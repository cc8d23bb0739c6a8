using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>Writes the updates of an outline, in order.</summary>
internal sealed class OutlineWriter(Utf8JsonWriter json, IReadOnlyList<ChatMessage> output)
{
    private readonly Dictionary<AIContent, (int Message, int Content)> _places = PlacesIn(output);
    private OutlineHead? _head;
    private int _message;
    private int _content;
    private int _offset;
    private bool _isMoved = true;

    public void Write(ChatResponseUpdate update)
    {
        if (ResumedMark.Is(update) || ParkedMark.Is(update) || update.RawRepresentation is WireEvent)
        {
            json.WriteStartObject();
            json.WritePropertyName("update"u8);
            UpdateJson.Write(json, update);
            json.WriteEndObject();
            return;
        }

        var head = OutlineHead.From(update);
        var isSame = head == _head;
        _head = head;
        if (isSame && update.Contents is [var only] && TextOf(only) is { } text && MoveTo(only, text) && !_isMoved)
        {
            json.WriteNumberValue(text.Length);
            _offset += text.Length;
            return;
        }

        json.WriteStartObject();
        if (!isSame) WriteHead(head);
        json.WriteStartArray("contents"u8);
        for (var i = 0; i < update.Contents.Count; i++) WriteContent(update.Contents[i]);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The text of a content that its piece of the output says completely.</summary>
    private static string? TextOf(AIContent content) => content.AdditionalProperties is null && content.Annotations is null ? DeliveredPiece.TextOf(content) : null;

    private static Dictionary<AIContent, (int, int)> PlacesIn(IReadOnlyList<ChatMessage> output)
    {
        var places = new Dictionary<AIContent, (int, int)>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < output.Count; i++)
        {
            for (var j = 0; j < output[i].Contents.Count; j++) places[output[i].Contents[j]] = (i, j);
        }

        return places;
    }

    private void WriteHead(OutlineHead head)
    {
        json.WriteStartObject("head"u8);
        json.WriteOptional("role"u8, head.Role?.Value);
        json.WriteOptional("id"u8, head.MessageId);
        json.WriteOptional("author"u8, head.Author);
        json.WriteEndObject();
    }

    private void WriteContent(AIContent content)
    {
        if (TextOf(content) is { } text && MoveTo(content, text))
        {
            json.WriteStartObject();
            if (_isMoved) WritePlace("at"u8, _message, _content, _offset);
            json.WriteNumber("length"u8, text.Length);
            json.WriteEndObject();
            _isMoved = false;
            _offset += text.Length;
        }
        else if (content is not (TextContent or TextReasoningContent) && _places.TryGetValue(content, out var place))
        {
            json.WriteStartObject();
            WritePlace("whole"u8, place.Message, place.Content);
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartObject();
            json.WritePropertyName("content"u8);
            JsonSerializer.Serialize(json, content, ChatJson.Content);
            json.WriteEndObject();
            // The text is part of the output too.
            if (DeliveredPiece.TextOf(content) is { Length: > 0 } beside && MoveTo(content, beside)) (_offset, _isMoved) = (_offset + beside.Length, true);
        }
    }

    private void WritePlace(ReadOnlySpan<byte> name, params ReadOnlySpan<int> place)
    {
        json.WriteStartArray(name);
        foreach (var number in place) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    /// <summary>Finds the piece of the output that continues with a text: where the one before ended, or at the beginning of a later one.</summary>
    private bool MoveTo(AIContent content, string text)
    {
        if (IsAt(_message, _content, _offset)) return true;
        for (var (i, j) = (_message, _content + 1); i < output.Count; (i, j) = (i + 1, 0))
        {
            for (; j < output[i].Contents.Count; j++)
            {
                if (!IsAt(i, j, 0)) continue;
                (_message, _content, _offset, _isMoved) = (i, j, 0, true);
                return true;
            }
        }

        return false;

        bool IsAt(int i, int j, int offset) => i < output.Count && j < output[i].Contents.Count
            && output[i].Contents[j].GetType() == content.GetType()
            && DeliveredPiece.TextOf(output[i].Contents[j]) is { } whole
            && offset <= whole.Length && whole.AsSpan(offset).StartsWith(text);
    }
}
