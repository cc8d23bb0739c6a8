using System.Globalization;
using System.Text.Json;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>An error as a model's server describes it. Servers differ in its shape.</summary>
/// <param name="Message">The server's words; null when there are none.</param>
internal sealed record ServerError(string? Message)
{
    private static readonly string[] Wrappers = ["error", "detail"];

    public string? Code { get; init; }

    public string? Param { get; init; }

    /// <summary>The kind by which some servers name what others have in the code.</summary>
    public string? Type { get; init; }

    /// <summary>The delay that the body asks for, as Gemini does; null for none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <param name="body">The body of an answer: JSON, plain text, or an HTML page of a proxy, which may help too.</param>
    public static ServerError From(string body)
    {
        if (string.IsNullOrWhiteSpace(body)) return new ServerError((string?)null);
        try
        {
            using var document = JsonDocument.Parse(body);
            var error = From(document.RootElement);
            return error.Message is null ? error with { Message = body } : error;
        }
        catch (JsonException)
        {
            return new ServerError(body);
        }
    }

    public static ServerError From(JsonElement json)
    {
        // Gemini's endpoint sends the object in a list.
        if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() > 0) return From(json[0]);
        if (json.ValueKind == JsonValueKind.String) return new ServerError(json.GetString());
        if (json.ValueKind != JsonValueKind.Object) return new ServerError((string?)null);
        foreach (var name in Wrappers)
        {
            if (json.TryGetProperty(name, out var inner) && inner.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String)
                return From(inner) is { Message: not null } found ? found with { Code = found.Code ?? Text(json, "code") } : new ServerError(Text(json, "message"));
        }

        return new ServerError(MessageOf(json))
        {
            Code = Text(json, "code"),
            Param = Text(json, "param"),
            Type = Text(json, "type"),
            RetryAfter = DelayOf(json),
        };
    }

    /// <summary>llama.cpp has the sizes of a request that is too long beside the message.</summary>
    private static string? MessageOf(JsonElement json)
    {
        var message = Text(json, "message") ?? Text(json, "msg");
        return json.TryGetProperty("n_ctx", out var limit) && json.TryGetProperty("n_prompt_tokens", out var sent)
            ? $"The request ({sent} tokens) exceeds the available context size ({limit} tokens). {message}"
            : message;
    }

    /// <summary>A member of <c>details</c> such as <c>"retryDelay": "45.8s"</c>.</summary>
    private static TimeSpan? DelayOf(JsonElement json)
    {
        var text = json.GetList("details").Select(static d => d.GetText("retryDelay")).FirstOrDefault(static d => d is not null);
        return text?.EndsWith('s') == true && double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e6
            ? TimeSpan.FromSeconds(Math.Ceiling(seconds))
            : null;
    }

    /// <summary>Some servers send a number as the code, which is the status again.</summary>
    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
