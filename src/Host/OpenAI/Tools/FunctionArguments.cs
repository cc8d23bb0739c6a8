using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http;

namespace PluginHost.OpenAI.Tools;

/// <summary>The arguments of a function call: an object in the host, JSON text in this interface.</summary>
internal static class FunctionArguments
{
    public static string ToText(FunctionCallContent call)
    {
        if (call.Arguments is not { Count: > 0 } arguments) return "{}";
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonResponse.WriterOptions)) Write(json, arguments);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads arguments; nothing at all counts as none.</summary>
    /// <returns>False when the text is not a JSON object.</returns>
    public static bool TryRead(string text, out Dictionary<string, object?>? arguments)
    {
        arguments = null;
        if (string.IsNullOrWhiteSpace(text)) return true;
        try
        {
            var json = JsonElement.Parse(text);
            if (json.ValueKind != JsonValueKind.Object) return false;
            arguments = [];
            foreach (var property in json.EnumerateObject()) arguments[property.Name] = property.Value;
            return true;
        }
        catch (JsonException)
        {
            // The caller reports where.
            return false;
        }
    }

    private static void Write(Utf8JsonWriter json, IDictionary<string, object?> arguments)
    {
        json.WriteStartObject();
        foreach (var (name, value) in arguments)
        {
            json.WritePropertyName(name);
            if (value is null) json.WriteNullValue();
            else if (value is JsonElement element) element.WriteTo(json);
            else JsonSerializer.Serialize(json, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType()));
        }

        json.WriteEndObject();
    }
}
