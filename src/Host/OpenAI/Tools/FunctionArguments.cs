using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>The arguments of a function call: an object in the host, JSON text in this interface.</summary>
/// <param name="Values">The arguments; null when there are none. Blank text counts as no arguments.</param>
/// <param name="Error">What is wrong with the text; null when nothing is.</param>
/// <param name="Allowed">What is allowed instead.</param>
internal sealed record FunctionArguments(Dictionary<string, object?>? Values, string? Error = null, string? Allowed = null)
{
    public static FunctionArguments Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return new FunctionArguments(Values: null);
        try
        {
            var json = JsonElement.Parse(text, JsonDepth.Documents);
            if (json.ValueKind != JsonValueKind.Object) return NotAnObject();
            if (!JsonDepth.IsWithin(json)) return new FunctionArguments(null, JsonDepth.TooDeep, JsonDepth.Allowed);
            if (!JsonText.IsUnicode(json)) return new FunctionArguments(null, JsonText.HalfPair, "Unicode");
            var values = new Dictionary<string, object?>();
            foreach (var property in json.EnumerateObject()) values[property.Name] = property.Value;
            return new FunctionArguments(values);
        }
        catch (JsonException)
        {
            return NotAnObject();
        }
    }

    public void Check(InputErrors errors)
    {
        if (Error is not null) errors.Add("arguments", Error, Allowed);
    }

    public static string ToText(FunctionCallContent call)
    {
        if (call.Arguments is not { Count: > 0 } arguments) return "{}";
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonResponse.WriterOptions)) Write(json, arguments);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static FunctionArguments NotAnObject() => new(null, "This is not a JSON object.", "the text of a JSON object");

    private static void Write(Utf8JsonWriter json, IDictionary<string, object?> arguments)
    {
        json.WriteStartObject();
        foreach (var (name, value) in arguments)
        {
            json.WritePropertyName(name);
            if (value is null) json.WriteNullValue();
            else if (value is JsonElement element) element.WriteTo(json);
            else JsonSerializer.Serialize(json, value, JsonDepth.Stored.GetTypeInfo(value.GetType()));
        }

        json.WriteEndObject();
    }
}
