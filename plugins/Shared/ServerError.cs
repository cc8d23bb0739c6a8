using System.Text.Json;

namespace PluginHost.Shared;

/// <summary>What a model's server says of a failure.</summary>
/// <param name="Message">Its words; null for none.</param>
/// <param name="Type">The server's name for the kind of failure; null for none.</param>
internal sealed record ServerError(string? Message, string? Type = null)
{
    private static readonly string[] TooLong =
        ["prompt is too long", "exceed context limit", "exceeds the available context size", "exceeds the context length", "exceeds maximum context length"];

    /// <summary>Whether it says that the request does not fit the model's context.</summary>
    public bool IsTooLong => Type == "exceed_context_size_error" || Array.Exists(TooLong, w => Message?.Contains(w, StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>Reads a body, which is JSON or the text of a proxy.</summary>
    public static ServerError From(string body)
    {
        try
        {
            return From(JsonElement.Parse(body));
        }
        catch (JsonException)
        {
            return new ServerError(string.IsNullOrWhiteSpace(body) ? null : body);
        }
    }

    /// <summary>Reads an object with <c>error</c>: a text, an object, or the text of another server's object.</summary>
    public static ServerError From(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            var text = json.GetString()!;
            return text.StartsWith('{') ? From(text) : new ServerError(text);
        }

        if (json.ValueKind != JsonValueKind.Object) return new ServerError((string?)null);
        return json.TryGetProperty("error", out var inner) ? From(inner) : new ServerError(TextOf(json, "message"), TextOf(json, "type"));
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
