using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>Writes values as compact JSON, so that they are the same text before and after a history has kept them.</summary>
internal static class CompactJson
{
    /// <summary>Without escapes beyond those of JSON, as models write it.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads what a writer can write: plugins may nest values deeper than callers may.</summary>
    public static JsonDocumentOptions AnyDepth { get; } = new() { MaxDepth = 1000 };

    public static string Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options)) write(json, value);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static string Write(object? value) => Write(value, WriteValue);

    /// <summary>Writes a value of any type in the writer's format.</summary>
    public static void WriteValue(Utf8JsonWriter json, object? value)
    {
        if (value is null) json.WriteNullValue();
        else if (value is JsonElement element) element.WriteTo(json);
        else if (value is string text) json.WriteStringValue(text);
        else JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())).WriteTo(json);
    }
}
