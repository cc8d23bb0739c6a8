using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>The arguments of a call: an object for tools and plugins, and the text that the model or the caller wrote for the wire.</summary>
internal static class CallArguments
{
    /// <summary>The text of arguments that a plugin's client could not read, and did not keep.</summary>
    private const string Unreadable = "{";

    /// <summary>A call with the arguments of a text. Text that is not a JSON object is kept, and the call has no arguments.</summary>
    public static FunctionCallContent Create(string callId, string name, string? text)
    {
        var isObject = TryParse(text, out var json);
        // Half of a surrogate pair cannot be written again, so that the text cannot be kept.
        if (isObject && UnicodeArguments.Repair(json) is { } repaired) return new FunctionCallContent(callId, name, ToValues(repaired));
        var call = new FunctionCallContent(callId, name, isObject ? ToValues(json) : null);
        if (!string.IsNullOrWhiteSpace(text) && text != ToText(call)) WireContent.SetArguments(call, text);
        return call;
    }

    /// <summary>A call of a custom tool.</summary>
    public static FunctionCallContent CreateCustom(string callId, string name, string input) =>
        WireContent.AsCustom(new FunctionCallContent(callId, name, new Dictionary<string, object?> { [WireContent.CustomInput] = input }));

    /// <summary>The text that a custom tool is called with.</summary>
    public static string ToCustomInput(FunctionCallContent call) => call.Arguments?.TryGetValue(WireContent.CustomInput, out var input) != true
        ? WireContent.GetArguments(call) ?? ""
        : ToolResult.From(input) as string ?? CompactJson.Write(input);

    /// <summary>The text of a call's arguments: as it was written, unless a plugin changed them.</summary>
    public static string ToText(FunctionCallContent call)
    {
        var now = CompactJson.Write(call.Arguments, WriteObject);
        if (WireContent.GetArguments(call) is not { } text) return now;
        if (!TryParse(text, out var written)) return call.Arguments is not { Count: > 0 } ? text : now;
        return JsonElement.DeepEquals(written, JsonElement.Parse(now, CompactJson.AnyDepth)) ? text : now;
    }

    /// <summary>The arguments as a JSON object, for interfaces that have no text: none when the text is no object.</summary>
    public static JsonElement ToObject(FunctionCallContent call) =>
        JsonElement.Parse(CompactJson.Write(call.Arguments, WriteObject), CompactJson.AnyDepth);

    /// <summary>The text when it is not a JSON object, so that the tool cannot be invoked with it; otherwise null.</summary>
    public static string? FindInvalid(FunctionCallContent call) =>
        call.Arguments is not { Count: > 0 } && WireContent.GetArguments(call) is { } text && !string.IsNullOrWhiteSpace(text) && !TryParse(text, out _) ? text : null;

    /// <summary>Keeps that the arguments of a call could not be read: a journal and a history lose its exception.</summary>
    public static void KeepUnreadable(FunctionCallContent call)
    {
        if (call.Exception is null || FindInvalid(call) is not null) return;
        call.Arguments = null;
        WireContent.SetArguments(call, Unreadable);
    }

    private static Dictionary<string, object?> ToValues(JsonElement json)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject()) values[property.Name] = property.Value;
        return values;
    }

    /// <summary>Whether a text is a JSON object, not nested deeper than values may be.</summary>
    private static bool TryParse(string? text, out JsonElement json)
    {
        json = default;
        if (text is null) return false;
        try
        {
            json = JsonElement.Parse(text);
            return json.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void WriteObject(Utf8JsonWriter json, IDictionary<string, object?>? arguments)
    {
        json.WriteStartObject();
        foreach (var (name, value) in arguments ?? new Dictionary<string, object?>())
        {
            json.WritePropertyName(name);
            CompactJson.WriteValue(json, value);
        }

        json.WriteEndObject();
    }
}
