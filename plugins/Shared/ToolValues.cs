using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Shared;

/// <summary>Writes arguments and results of tools for models.</summary>
internal static class ToolValues
{
    /// <summary>Escapes only what JSON requires, as model servers do.</summary>
    public static JsonWriterOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Text as text, contents such as images as they are, parts of a caller as contents, and any other value as compact JSON.</summary>
    public static IReadOnlyList<AIContent> ReadResult(FunctionResultContent result) => CallerParts.Find(result) ?? ReadValue(result.Result);

    private static List<AIContent> ReadValue(object? result) => result switch
    {
        null => [],
        AIContent content => [content],
        IEnumerable<AIContent> contents => [.. contents],
        string text => [new TextContent(text)],
        JsonElement { ValueKind: JsonValueKind.String } text => [new TextContent(text.GetString())],
        JsonElement json => ReadKept(json) ?? [new TextContent(ToText(json))],
        _ => [new TextContent(ToText(result))],
    };

    /// <summary>Writes an object, which is empty for a call without arguments.</summary>
    public static void WriteArguments(Utf8JsonWriter json, FunctionCallContent call)
    {
        json.WriteStartObject();
        foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
        {
            json.WritePropertyName(name);
            WriteValue(json, value);
        }

        json.WriteEndObject();
    }

    public static void WriteValue(Utf8JsonWriter json, object? value) => JsonSerializer.Serialize(json, value, AIJsonUtilities.DefaultOptions);

    /// <summary>Contents as a history gives them back; null for any other value.</summary>
    private static List<AIContent>? ReadKept(JsonElement kept)
    {
        List<JsonElement> all = kept.ValueKind == JsonValueKind.Array ? [.. kept.EnumerateArray()] : [kept];
        if (all.Count == 0 || !all.TrueForAll(static c => c.ValueKind == JsonValueKind.Object && c.TryGetProperty("$type", out _))) return null;
        try
        {
            return all.ConvertAll(static c => (AIContent)c.Deserialize(AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)))!);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or FormatException)
        {
            // Not a content, though it looks like one: the constructors of contents check their values.
            return null;
        }
    }

    private static string ToText(object value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Compact)) WriteValue(json, value);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
