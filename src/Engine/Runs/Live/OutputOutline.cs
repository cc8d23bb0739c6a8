using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// How an output was cut into updates, so that a later process gives the same events with the same numbers. The text is in the stored
/// output already: the outline has the length of each piece, and the place of every other content. A list of updates, each of them a number
/// for a single piece of text, or an object.
/// </summary>
internal static class OutputOutline
{
    private static readonly JsonWriterOptions Options = new() { MaxDepth = Document.MaxDepth };

    /// <returns>Null when a part of it cannot be written as JSON.</returns>
    public static JsonElement? Write(IReadOnlyList<ChatResponseUpdate> updates, IReadOnlyList<ChatMessage> output)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        try
        {
            using var json = new Utf8JsonWriter(buffer, Options);
            json.WriteStartArray();
            var writer = new OutlineWriter(json, output);
            for (var i = 0; i < updates.Count; i++) writer.Write(updates[i]);
            json.WriteEndArray();
            json.Flush();
            return JsonElement.Parse(buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = Document.MaxDepth });
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The updates; those of an outline that does not fit its output are made of the output alone.</summary>
    public static IReadOnlyList<ChatResponseUpdate> Read(JsonElement outline, IReadOnlyList<ChatMessage> output)
    {
        try
        {
            var reader = new OutlineReader(output);
            return [.. outline.EnumerateArray().Select(reader.Read)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentOutOfRangeException or FormatException or KeyNotFoundException or NotSupportedException)
        {
            return new ChatResponse([.. output]).ToChatResponseUpdates();
        }
    }
}

/// <summary>What the numbers of events follow from, beside the contents of an update.</summary>
internal readonly record struct OutlineHead(ChatRole? Role, string? MessageId, string? Author)
{
    public static OutlineHead From(ChatResponseUpdate update) => new(update.Role, update.MessageId, update.AuthorName);
}
