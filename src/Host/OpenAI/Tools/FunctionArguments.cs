using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>The arguments of a function call: an object in the host, JSON text in this interface.</summary>
/// <param name="AreObject">Whether the text is an object; blank text counts as no arguments.</param>
/// <param name="Values">The arguments; null when there are none.</param>
internal sealed record FunctionArguments(bool AreObject, Dictionary<string, object?>? Values)
{
    public static FunctionArguments Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return new FunctionArguments(AreObject: true, null);
        try
        {
            var json = JsonElement.Parse(text);
            if (json.ValueKind != JsonValueKind.Object || !IsReadable(json)) return new FunctionArguments(AreObject: false, null);
            var values = new Dictionary<string, object?>();
            foreach (var property in json.EnumerateObject()) values[property.Name] = property.Value;
            return new FunctionArguments(AreObject: true, values);
        }
        catch (JsonException)
        {
            // The caller learns where from the error.
            return new FunctionArguments(AreObject: false, null);
        }
    }

    public void Check(InputErrors errors)
    {
        if (!AreObject) errors.Add("arguments", "This is not a JSON object, or it holds half of a surrogate pair.", "the text of a JSON object");
    }

    /// <summary>Text with half of a surrogate pair can be parsed, and neither read nor stored.</summary>
    private static bool IsReadable(JsonElement json)
    {
        try
        {
            JsonText.Check(json, new InputErrors());
            return true;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    public static string ToText(FunctionCallContent call)
    {
        if (call.Arguments is not { Count: > 0 } arguments) return "{}";
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonResponse.WriterOptions)) Write(json, arguments);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
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
