using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>What a client asks for with a message.</summary>
/// <param name="Type">Which event it is.</param>
/// <param name="Lane">The lane that it names; null for none.</param>
/// <param name="Message">The whole message.</param>
internal sealed record SocketRequest(string Type, string? Lane, JsonElement Message)
{
    public const string Create = "response.create", Steer = "response.steer";

    /// <summary>Codex says with it that it has handled a response; it asks for nothing.</summary>
    public const string Processed = "response.processed";

    private const int MaxLaneLength = 256;

    /// <summary>Members that belong to the connection; the others are the body of a request.</summary>
    private static readonly HashSet<string> OfConnection = ["type", "stream_id", "generate"];

    /// <exception cref="ProblemException">400: it is not JSON, or no event that a client may send.</exception>
    public static SocketRequest Parse(ReadOnlySpan<byte> text)
    {
        var json = JsonBody.Parse(text);
        var errors = new InputErrors();
        if (json.ValueKind != JsonValueKind.Object) throw ProblemException.Invalid(new ProblemError("$", $"Expected object, got {JsonKinds.Name(json)}.", "object"));
        JsonText.Check(json, errors);
        var type = ReadText(json, "type", errors);
        if (type is not (Create or Steer or Processed)) errors.Add("type", "This is no event that a client sends.", Create);
        var lane = ReadText(json, "stream_id", errors);
        if (lane?.Length is 0 or > MaxLaneLength) errors.Add("stream_id", "This is not a valid stream id.", $"1 to {MaxLaneLength} characters");
        errors.ThrowIfAny();
        return new SocketRequest(type!, lane, json);
    }

    /// <summary>Whether the model is called; otherwise the request is only kept, for the next one to follow.</summary>
    public bool ReadGenerate(InputErrors errors)
    {
        if (!Message.TryGetProperty("generate", out var generate) || generate.ValueKind is JsonValueKind.Null or JsonValueKind.True) return true;
        if (generate.ValueKind != JsonValueKind.False) errors.Add("generate", $"Expected boolean, got {JsonKinds.Name(generate)}.", "boolean", InputErrors.WrongKind);
        return false;
    }

    /// <summary>The body of the request that the event is.</summary>
    public JsonElement ToBody()
    {
        var text = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(text, new JsonWriterOptions { SkipValidation = true, MaxDepth = 1000 });
        json.WriteStartObject();
        foreach (var member in Message.EnumerateObject().Where(static m => !OfConnection.Contains(m.Name)))
        {
            json.WritePropertyName(member.Name);
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
        }

        json.WriteEndObject();
        json.Flush();
        return JsonElement.Parse(text.WrittenSpan, JsonDepth.Documents);
    }

    private static string? ReadText(JsonElement json, string name, InputErrors errors)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        errors.Add(name, $"Expected string, got {JsonKinds.Name(value)}.", "string", InputErrors.WrongKind);
        return null;
    }
}
