using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Telemetry.Spans;

/// <summary>Writes messages as the semantic conventions for generative AI specify for attributes, with a limited size.</summary>
internal static class ContentJson
{
    /// <summary>The maximum number of characters of one text.</summary>
    public const int MaxText = 4096;

    /// <summary>The approximate maximum number of characters of an attribute. The newest messages are kept.</summary>
    public const int MaxTotal = 32 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string WriteMessages(IReadOnlyList<ChatMessage> messages)
    {
        var first = messages.Count;
        for (var total = 0; first > 0 && total < MaxTotal; first--) total += GetLength(messages[first - 1]);
        return Write(json =>
        {
            if (first > 0) WriteMessage(json, "system", j => WriteText(j, $"{first} older messages are omitted."));
            for (var i = first; i < messages.Count; i++) WriteMessage(json, messages[i]);
        });
    }

    /// <summary>Writes the kinds and names of tools.</summary>
    public static string WriteTools(IEnumerable<AITool> tools) => Write(json =>
    {
        foreach (var tool in tools) WritePart(json, tool is AIFunctionDeclaration ? "function" : tool.GetType().Name, ("name", tool.Name));
    });

    public static string WriteInstructions(string text) => Write(json => WriteText(json, text));

    private static string Write(Action<Utf8JsonWriter> items)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartArray();
            items(json);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteMessage(Utf8JsonWriter json, ChatMessage message) => WriteMessage(json, message.Role.Value, j =>
    {
        foreach (var content in message.Contents) WritePart(j, content);
    });

    private static void WriteMessage(Utf8JsonWriter json, string role, Action<Utf8JsonWriter> parts)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteStartArray("parts");
        parts(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, AIContent content)
    {
        switch (content)
        {
            case TextContent text: WriteText(json, text.Text); break;
            case TextReasoningContent reasoning: WritePart(json, "reasoning", ("content", Shorten(reasoning.Text))); break;
            case FunctionCallContent call:
                WritePart(json, "tool_call", ("id", call.CallId), ("name", call.Name), ("arguments", Shorten(ToText(call.Arguments))));
                break;
            case FunctionResultContent result:
                WritePart(json, "tool_call_response", ("id", result.CallId), ("response", Shorten(ToText(result.Result))));
                break;
            case DataContent data: WritePart(json, "blob", ("mime_type", data.MediaType)); break;
            case UriContent uri: WritePart(json, "uri", ("mime_type", uri.MediaType)); break;
            case UsageContent: break;
            default: WritePart(json, content.GetType().Name); break;
        }
    }

    private static void WriteText(Utf8JsonWriter json, string text) => WritePart(json, "text", ("content", Shorten(text)));

    private static void WritePart(Utf8JsonWriter json, string type, params ReadOnlySpan<(string Name, string? Value)> members)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        foreach (var (name, value) in members) json.WriteString(name, value);
        json.WriteEndObject();
    }

    private static int GetLength(ChatMessage message) => message.Contents.Sum(c => c switch
    {
        TextContent text => Math.Min(text.Text.Length, MaxText),
        FunctionCallContent or FunctionResultContent or TextReasoningContent => MaxText,
        _ => 0,
    }) + 16;

    private static string ToText(object? value) =>
        value as string ?? JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)));

    // Does not split a surrogate pair.
    private static string Shorten(string text) =>
        text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText), "…");
}
