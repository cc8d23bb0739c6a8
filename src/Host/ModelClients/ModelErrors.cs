using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using PluginHost.ModelClients.OpenAI;
using Polly.Timeout;

namespace PluginHost.ModelClients;

/// <summary>Turns what a call of a model's server threw into a <see cref="ModelException"/> that says what cures it.</summary>
internal sealed class ModelErrors(string model, OpenAIOptions options, ModelKey key, TimeProvider timeProvider)
{
    private const int MaxServerMessage = 500;

    private string Who => $"The model '{model}' at {options.Endpoint}";

    public ModelException From(Exception error, bool begun) => error switch
    {
        ModelException known => known,
        ClientResultException { Status: > 0 } answered => Answered(answered),
        _ when Find<ModelException>(error) is { } known => known,
        _ when Find<TimeoutRejectedException>(error) is not null || error is OperationCanceledException => TimedOut(begun),
        _ when begun && Find<IOException>(error) is { } broken => new(ModelErrorTypes.Interrupted, $"{Who} broke off its answer: {broken.Message}", error),
        _ when Find<HttpRequestException>(error) is { } http => Unreachable(http),
        _ => new(ModelErrorTypes.Failed, $"{Who} sent an answer that cannot be understood: {Bounded(error.Message)}", error),
    };

    public ModelException TimedOut(bool begun) => new(ModelErrorTypes.Timeout, begun
        ? $"{Who} was silent for {options.TimeoutSeconds} s in the middle of its answer; TimeoutSeconds allows more."
        : $"{Who} did not answer in time; TimeoutSeconds ({options.TimeoutSeconds}) and TotalTimeoutSeconds ({options.TotalTimeoutSeconds}) allow more.");

    public ModelException Interrupted() => new(ModelErrorTypes.Interrupted, $"{Who} ended its answer before it was complete.");

    /// <summary>An error that came in place of an answer or in its middle, with status 200.</summary>
    /// <param name="json">The JSON that tells of it.</param>
    public ModelException Hidden(string json) => new(ModelErrorTypes.Failed, $"{Who} failed while it answered: {ServerMessage(json)}");

    private ModelException Answered(ClientResultException error)
    {
        var response = error.GetRawResponse();
        var (type, cure) = Explain(error.Status, response);

        // Not as inner exception: it quotes the server, which may quote the key.
        return new(type, $"{Who} answered {error.Status}: {ServerMessage(response?.Content.ToString())} {cure}".TrimEnd())
        {
            Status = error.Status,
            RetryAfter = response is not null && response.Headers.TryGetValue("Retry-After", out var after)
                && RetryConditionHeaderValue.TryParse(after, out var header) ? ModelHttp.RetryAfter(header, timeProvider) : null,
        };
    }

    private (string Type, string Cure) Explain(int status, PipelineResponse? response) => status switch
    {
        401 or 403 => (ModelErrorTypes.Unauthorized, $"Check the key in {key.Source}{(options.KeyHeader == "Authorization" ? "" : $", sent as {options.KeyHeader}")}."),
        404 => (ModelErrorTypes.NotFound, "Check that the server has this Model, and that Endpoint is the base address of its OpenAI interface (in most cases it ends in /v1)."),
        408 or 504 => (ModelErrorTypes.Timeout, ""),
        429 => (ModelErrorTypes.RateLimited, "Wait, or raise the account's limit or quota."),
        >= 300 and < 400 => (ModelErrorTypes.Failed, $"Set Endpoint to where it redirects{(response is not null && response.Headers.TryGetValue("Location", out var to) ? $": {to}" : "")}."),
        >= 400 and < 500 => (ModelErrorTypes.Rejected, ""),
        _ => (ModelErrorTypes.Failed, ""),
    };

    private ModelException Unreachable(HttpRequestException error) => new(
        ModelErrorTypes.Unreachable,
        $"{Who} cannot be reached: {error.Message} Check that the server runs and that Endpoint is its address.",
        error);

    /// <summary>The server's own words, without the key and not too many.</summary>
    private string ServerMessage(string? body)
    {
        if (string.IsNullOrWhiteSpace(body)) return "(no message)";
        try
        {
            using var document = JsonDocument.Parse(body);
            return Bounded(MessageIn(document.RootElement) ?? body);
        }
        catch (JsonException)
        {
            // A proxy's page, or text: better than nothing.
            return Bounded(body);
        }
    }

    private static string? MessageIn(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String) return json.GetString();
        if (json.ValueKind != JsonValueKind.Object) return null;
        foreach (var name in (ReadOnlySpan<string>)["error", "message", "detail"])
        {
            if (json.TryGetProperty(name, out var value) && MessageIn(value) is { } message) return message;
        }

        return null;
    }

    private string Bounded(string text)
    {
        try
        {
            if (key.Read() is { } secret) text = text.Replace(secret, "***", StringComparison.Ordinal);
        }
        catch (ModelException)
        {
            // No key that could be read, so none that the text could hold.
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
