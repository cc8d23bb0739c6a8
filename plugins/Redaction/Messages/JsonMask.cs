using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Redaction;

/// <summary>Masks the strings of JSON, both values and property names. Does not change numbers.</summary>
internal static class JsonMask
{
    /// <summary>Does not escape letters of any script: the reader is a model, not a web page.</summary>
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Masks a value that is sent as JSON or as text.</summary>
    /// <param name="set">The patterns.</param>
    /// <param name="value">The value.</param>
    /// <param name="stays">Whether the value of a member stays; null for none.</param>
    /// <returns>The same object when nothing matched.</returns>
    public static object? Mask(MaskSet set, object? value, Func<JsonProperty, bool>? stays = null)
    {
        if (value is null) return null;
        if (value is string text) return set.Mask(text);
        var json = value is JsonElement element
            ? element
            : JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType()));
        return TryMask(set, json, stays, out var masked) ? masked : value;
    }

    private static bool TryMask(MaskSet set, JsonElement json, Func<JsonProperty, bool>? stays, out JsonElement masked)
    {
        masked = default;
        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String)) return false;
        var buffer = new ArrayBufferWriter<byte>();
        bool changed;
        using (var writer = new Utf8JsonWriter(buffer, Readable)) changed = Write(set, json, stays, writer);
        if (changed) masked = JsonElement.Parse(buffer.WrittenSpan);
        return changed;
    }

    private static bool Write(MaskSet set, JsonElement json, Func<JsonProperty, bool>? stays, Utf8JsonWriter writer)
    {
        var changed = false;
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in json.EnumerateObject())
                {
                    writer.WritePropertyName(Mask(set, property.Name, ref changed));
                    if (stays?.Invoke(property) == true) property.Value.WriteTo(writer);
                    else changed |= Write(set, property.Value, stays, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray()) changed |= Write(set, item, stays, writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Mask(set, json.GetString()!, ref changed));
                break;
            default:
                json.WriteTo(writer);
                break;
        }

        return changed;
    }

    private static string Mask(MaskSet set, string text, ref bool changed)
    {
        var masked = set.Mask(text);
        changed |= !ReferenceEquals(masked, text);
        return masked;
    }
}
