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

    /// <summary>The size in bytes that an attribute may reach before the part that is written last. The newest messages are kept.</summary>
    public const int MaxTotal = 32 * 1024;

    private static readonly JsonSerializerOptions Values = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="messages">Oldest first.</param>
    /// <param name="finishReason">Why the model stopped, for its output; null for its input.</param>
    public static string WriteMessages(IReadOnlyList<ChatMessage> messages, string? finishReason = null)
    {
        var newestFirst = new List<string>();
        for (var left = MaxTotal; left > 0 && newestFirst.Count < messages.Count; left -= Encoding.UTF8.GetByteCount(newestFirst[^1]))
            newestFirst.Add(WriteMessage(messages[^(newestFirst.Count + 1)], left, finishReason));
        var omitted = messages.Count - newestFirst.Count;
        if (omitted > 0) newestFirst.Add(WriteMessage(new(ChatRole.System, $"{omitted} older messages are omitted."), MaxTotal, finishReason));
        newestFirst.Reverse();
        return $"[{string.Join(',', newestFirst)}]";
    }

    /// <summary>Writes the kinds and names of tools.</summary>
    public static string WriteTools(IList<AITool> tools) => Write(json =>
    {
        json.WriteStartArray();
        for (var i = 0; i < tools.Count; i++)
        {
            if (json.BytesCommitted + json.BytesPending > MaxTotal)
            {
                WritePart(json, "omitted", ("name", $"{tools.Count - i} more tools"));
                break;
            }

            WritePart(json, tools[i] is AIFunctionDeclaration ? "function" : tools[i].GetType().Name, ("name", tools[i].Name));
        }

        json.WriteEndArray();
    });

    public static string WriteInstructions(string text) => Write(json =>
    {
        json.WriteStartArray();
        WriteText(json, text);
        json.WriteEndArray();
    });

    /// <summary>Writes arguments or a result as JSON: an object stays one, so that backends show its members.</summary>
    public static string WriteValue(object? value) => Write(json => WriteValue(json, value));

    /// <summary>The name of the conventions for why a model stopped.</summary>
    public static string FinishReasonOf(string? reason) => reason switch
    {
        null => "stop",
        "tool_calls" => "tool_call",
        _ => reason,
    };

    private static string WriteMessage(ChatMessage message, int limit, string? finishReason) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("role", message.Role.Value);
        json.WriteStartArray("parts");
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (json.BytesCommitted + json.BytesPending > limit)
            {
                WriteText(json, $"{message.Contents.Count - i} more parts are omitted.");
                break;
            }

            WritePart(json, message.Contents[i]);
        }

        json.WriteEndArray();
        if (finishReason is not null) json.WriteString("finish_reason", finishReason);
        json.WriteEndObject();
    });

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options)) write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WritePart(Utf8JsonWriter json, AIContent content)
    {
        switch (content)
        {
            case TextContent text: WriteText(json, text.Text); break;
            case TextReasoningContent reasoning: WritePart(json, "reasoning", ("content", Shorten(reasoning.Text))); break;
            case FunctionCallContent call: WriteCall(json, "tool_call", call.CallId, call.Name, "arguments", call.Arguments); break;
            case FunctionResultContent result: WriteCall(json, "tool_call_response", result.CallId, null, "response", result.Result); break;
            case DataContent data: WritePart(json, "blob", ("mime_type", data.MediaType), ("modality", GetModality(data.MediaType)), ("content", "")); break;
            case UriContent uri: WritePart(json, "uri", ("mime_type", uri.MediaType), ("modality", GetModality(uri.MediaType)), ("uri", "")); break;
            case HostedFileContent file: WritePart(json, "file", ("mime_type", file.MediaType), ("modality", GetModality(file.MediaType)), ("file_id", "")); break;
            case UsageContent: break;
            default: WritePart(json, content.GetType().Name); break;
        }
    }

    private static void WriteText(Utf8JsonWriter json, string text) => WritePart(json, "text", ("content", Shorten(text)));

    private static void WritePart(Utf8JsonWriter json, string type, params ReadOnlySpan<(string Name, string? Value)> members)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        foreach (var (name, value) in members) json.WriteString(name, value is null ? null : Shorten(value));
        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, string type, string id, string? tool, string member, object? value)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteString("id", Shorten(id));
        if (tool is not null) json.WriteString("name", Shorten(tool));
        json.WritePropertyName(member);
        WriteValue(json, value);
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        var text = ToText(value);
        if (text.Length > MaxText && value is IDictionary<string, object?> members) WriteMembers(json, members);
        // What is too long is a text that ends early.
        else if (value is string || text.Length > MaxText) json.WriteStringValue(Shorten(text));
        else json.WriteRawValue(text);
    }

    /// <summary>Arguments that are too long stay an object, whose long members end early.</summary>
    private static void WriteMembers(Utf8JsonWriter json, IDictionary<string, object?> members)
    {
        json.WriteStartObject();
        var (start, written) = (json.BytesCommitted + json.BytesPending, 0);
        foreach (var (name, value) in members)
        {
            if (json.BytesCommitted + json.BytesPending - start > 2 * MaxText)
            {
                json.WriteString("…", $"{members.Count - written} more members are omitted.");
                break;
            }

            json.WritePropertyName(Shorten(name));
            WriteValue(json, value);
            written++;
        }

        json.WriteEndObject();
    }

    private static string ToText(object? value)
    {
        try
        {
            return value as string ?? JsonSerializer.Serialize(value, Values.GetTypeInfo(typeof(object)));
        }
        catch (Exception)
        {
            // A plugin's value may have a getter or converter that throws anything. Telemetry must not fail the run.
            return "null";
        }
    }

    private static string GetModality(string? mediaType) => mediaType?.Split('/')[0] is "image" or "audio" or "video" ? mediaType.Split('/')[0] : "file";

    // Does not split a surrogate pair.
    private static string Shorten(string text) =>
        text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText), "…");
}
