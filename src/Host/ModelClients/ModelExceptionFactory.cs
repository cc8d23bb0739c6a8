using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using PluginHost.ModelClients.OpenAI;
using Polly.Timeout;

namespace PluginHost.ModelClients;

/// <summary>Turns exceptions of calls to a model's server into a <see cref="ModelException"/> with a text for callers and one for the operator.</summary>
internal sealed class ModelExceptionFactory(string model, OpenAIOptions options, ModelKey key, TimeProvider timeProvider)
{
    private const int MaxServerMessage = 500;

    private string ModelName => $"The model '{model}'";

    /// <param name="error">The exception.</param>
    /// <param name="answerStarted">Whether the server has sent a part of its answer.</param>
    public ModelException From(Exception error, bool answerStarted) => error switch
    {
        ModelException known => known,
        ClientResultException { Status: > 0 } result => FromStatus(result),
        _ when Find<ModelException>(error) is { } known => known,
        _ when Find<TimeoutRejectedException>(error) is not null || error is OperationCanceledException => CreateTimeout(answerStarted),
        _ when answerStarted && Find<IOException>(error) is { } io => Create(ModelErrorTypes.Interrupted, "interrupted its answer.", io.Message, error),
        _ when Find<HttpRequestException>(error) is { } http =>
            Create(ModelErrorTypes.Unreachable, "cannot be reached.", $"{http.Message} Check that the server runs and that Endpoint is its address.", http),
        _ => Create(ModelErrorTypes.Failed, $"sent an invalid answer: {Sanitize(error.Message)}", "", error),
    };

    public ModelException CreateInterrupted() => Create(ModelErrorTypes.Interrupted, "ended its answer before it was complete.");

    /// <summary>Creates the exception for an error that the server sent with status 200.</summary>
    /// <param name="json">The error as JSON.</param>
    public ModelException FromErrorInStream(string json) => Create(ModelErrorTypes.Failed, $"failed during its answer: {GetServerMessage(json)}");

    /// <param name="type">One of <see cref="ModelErrorTypes"/>.</param>
    /// <param name="failure">What the model did, for callers.</param>
    /// <param name="cure">What the operator needs besides the address.</param>
    /// <param name="inner">The cause; null for none.</param>
    private ModelException Create(string type, string failure, string cure = "", Exception? inner = null) =>
        new(type, $"{ModelName} {failure}".TrimEnd(), inner) { Details = $"{ModelName} at {options.Endpoint} {failure} {cure}".TrimEnd() };

    private ModelException CreateTimeout(bool answerStarted) => Create(ModelErrorTypes.Timeout, answerStarted
        ? $"sent no data for {options.TimeoutSeconds} s during its answer. Raise TimeoutSeconds to allow more time."
        : $"timed out. Raise TimeoutSeconds ({options.TimeoutSeconds}) or TotalTimeoutSeconds ({options.TotalTimeoutSeconds}) to allow more time.");

    private ModelException FromStatus(ClientResultException error)
    {
        var response = error.GetRawResponse();
        var (type, cure) = Classify(error.Status, response);
        var failure = $"returned status {error.Status}: {GetServerMessage(response?.Content.ToString())}";

        // No inner exception: its text quotes the server, which may quote the key.
        return new(type, $"{ModelName} {failure}")
        {
            Details = $"{ModelName} at {options.Endpoint} {failure} {cure}".TrimEnd(),
            Status = error.Status,
            RetryAfter = response is not null && response.Headers.TryGetValue("Retry-After", out var after)
                && RetryConditionHeaderValue.TryParse(after, out var header) ? ModelHttpClientFactory.GetRetryAfter(header, timeProvider) : null,
        };
    }

    private (string Type, string Cure) Classify(int status, PipelineResponse? response) => status switch
    {
        401 or 403 => (ModelErrorTypes.Unauthorized, $"Check the key in {key.Source}{(options.KeyHeader == "Authorization" ? "" : $", sent as {options.KeyHeader}")}."),
        404 => (ModelErrorTypes.NotFound, "Check that the server has this Model, and that Endpoint is the base address of its OpenAI API (usually it ends in /v1)."),
        408 or 504 => (ModelErrorTypes.Timeout, ""),
        429 => (ModelErrorTypes.RateLimited, "Wait, or raise the account's limit or quota."),
        >= 300 and < 400 => (ModelErrorTypes.Failed, $"Set Endpoint to the redirect target{(response is not null && response.Headers.TryGetValue("Location", out var to) ? $": {to}" : "")}."),
        >= 400 and < 500 when HasCode(response, "context_length_exceeded") => (ModelErrorTypes.ContextLength, ""),
        >= 400 and < 500 => (ModelErrorTypes.Rejected, ""),
        _ => (ModelErrorTypes.Failed, ""),
    };

    /// <summary>Gets the server's message without the key and with a limited length.</summary>
    private string GetServerMessage(string? body)
    {
        if (string.IsNullOrWhiteSpace(body)) return "(no message)";
        try
        {
            using var document = JsonDocument.Parse(body);
            return Sanitize(FindMessage(document.RootElement) ?? body);
        }
        catch (JsonException)
        {
            // The body is plain text or an HTML page of a proxy, which may still help.
            return Sanitize(body);
        }
    }

    private static bool HasCode(PipelineResponse? response, string code)
    {
        try
        {
            return response is not null && JsonElement.Parse(response.Content.ToMemory().Span) is { ValueKind: JsonValueKind.Object } json
                && json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
                && error.TryGetProperty("code", out var found) && found.ValueKind == JsonValueKind.String && found.ValueEquals(code);
        }
        catch (JsonException)
        {
            // A proxy's page has no code.
            return false;
        }
    }

    private static string? FindMessage(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String) return json.GetString();
        if (json.ValueKind != JsonValueKind.Object) return null;
        foreach (var name in (ReadOnlySpan<string>)["error", "message", "detail"])
        {
            if (json.TryGetProperty(name, out var value) && FindMessage(value) is { } message) return message;
        }

        return null;
    }

    private string Sanitize(string text)
    {
        try
        {
            if (key.Read() is { } secret) text = text.Replace(secret, "***", StringComparison.Ordinal);
        }
        catch (ModelException)
        {
            // The host has no valid key, so the text cannot contain it.
        }

        text = text.Trim();
        return text.Length <= MaxServerMessage ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, MaxServerMessage)}…");
    }

    private static T? Find<T>(Exception? error)
        where T : Exception
    {
        while (error is not null and not T) error = error.InnerException;
        return (T?)error;
    }
}
