using System.Globalization;
using System.Text.Json;
using PluginHost.Engine.Messages;
using PluginHost.ModelClients.OpenAI;
using PluginHost.Sdk;
using Polly.Timeout;

namespace PluginHost.ModelClients;

/// <summary>Turns failures of calls to a model's server into a <see cref="ModelException"/> with a text for callers and one for the operator.</summary>
internal sealed class ModelExceptionFactory(string model, OpenAIOptions options, IModelAccess access, TimeProvider timeProvider)
{
    private const int MaxServerMessage = 500;

    /// <summary>A shorter key is a placeholder, and would be cut out of words.</summary>
    private const int MinSecret = 8;

    /// <summary>The status by which some servers say that nothing more is paid for.</summary>
    private const int NoCredit = 402;

    private string ModelName => $"The model '{model}'";

    /// <param name="error">The exception.</param>
    /// <param name="answerStarted">Whether the server has sent a part of its answer.</param>
    public ModelException From(Exception error, bool answerStarted) => error switch
    {
        ModelException known => known,
        _ when Find<ModelException>(error) is { } known => known,
        _ when Find<TimeoutRejectedException>(error) is not null || error is OperationCanceledException => CreateTimeout(answerStarted),
        _ when answerStarted && Find<IOException>(error) is { } io => Create(ModelFailure.Interrupted, "interrupted its answer.", io.Message, error),
        _ when Find<HttpRequestException>(error) is { } http =>
            Create(ModelFailure.Unreachable, "cannot be reached.", $"{http.Message} Check that the server runs and that Endpoint is its address.", http),
        _ => CreateInvalid(error.Message, error),
    };

    public ModelException CreateInterrupted() => Create(ModelFailure.Interrupted, "ended its answer before it was complete.");

    /// <param name="why">What is wrong with the answer.</param>
    /// <param name="error">The cause; null for none.</param>
    public ModelException CreateInvalid(string why, Exception? error = null) => Create(ModelFailure.Failed, $"sent an invalid answer: {Sanitize(why)}", "", error);

    /// <summary>Creates the exception for an error that the server sent with status 200.</summary>
    /// <param name="json">The error.</param>
    public ModelException FromErrorInStream(JsonElement json)
    {
        var error = ServerError.From(json);
        return Create(ModelErrorCodes.IsTooLong(error) ? ModelFailure.ContextLength : ModelErrorCodes.ToFailure(error.Code), "failed during its answer", error: error, retryAfter: error.RetryAfter);
    }

    /// <summary>Creates the exception for an answer with a status that says failure.</summary>
    public ModelException FromStatus(HttpResponseMessage response, string body)
    {
        var (error, status) = (ServerError.From(body), (int)response.StatusCode);
        var (kind, cure) = Classify(status, error, response);
        var retry = response.Headers.TryGetValues("x-should-retry", out var said) ? said.Contains("true") : status == NoCredit ? false : ModelErrorCodes.ShouldRetry(error.Code);
        return Create(
            kind, $"returned status {status}", cure, error: error, status: status, retryAfter: ModelHttpClientFactory.GetRetryAfter(response.Headers, timeProvider) ?? error.RetryAfter, shouldRetry: retry,
            limits: LimitHeaders.Read(response.Headers));
    }

    /// <param name="kind">The kind.</param>
    /// <param name="failure">What the model did, for callers.</param>
    /// <param name="cure">What the operator needs besides the address.</param>
    /// <param name="inner">The cause; null for none, and for an answer, whose text may quote the key.</param>
    /// <param name="error">What the server said; null when it said nothing. The log has only its code, because the words may quote a user.</param>
    /// <param name="status">Its status; null for none.</param>
    /// <param name="retryAfter">The delay that it asks for; null for none.</param>
    /// <param name="shouldRetry">Whether it asks for a retry; null when it does not say.</param>
    /// <param name="limits">What it says of its limits; null for nothing.</param>
    private ModelException Create(
        ModelFailure kind, string failure, string cure = "", Exception? inner = null, ServerError? error = null, int? status = null, TimeSpan? retryAfter = null, bool? shouldRetry = null,
        ModelLimits? limits = null) =>
        new(kind, error is null ? $"{ModelName} {failure}" : $"{ModelName} {failure}: {Words(error)}", inner)
        {
            Details = $"{ModelName} at {options.Endpoint} {failure}{(error is null ? "" : error.Code is { } code ? $" ({Sanitize(code)})." : ".")} {cure}".TrimEnd(),
            Status = status,
            Code = error?.Code,
            Param = error?.Param,
            RetryAfter = retryAfter,
            ShouldRetry = shouldRetry,
            Limits = limits,
        };

    private ModelException CreateTimeout(bool answerStarted) => Create(ModelFailure.Timeout, answerStarted
        ? $"sent no data for {options.TimeoutSeconds} s during its answer. Raise TimeoutSeconds to allow more time."
        : $"timed out. Raise TimeoutSeconds ({options.TimeoutSeconds}) or TotalTimeoutSeconds ({options.TotalTimeoutSeconds}) to allow more time.");

    private (ModelFailure Kind, string Cure) Classify(int status, ServerError error, HttpResponseMessage response) => status switch
    {
        401 or 403 => (ModelFailure.Unauthorized, access.Cure),
        404 => (ModelFailure.NotFound, "Check that the server has this Model, and that Endpoint is the base address of its OpenAI API (usually it ends in /v1)."),
        408 or 504 => (ModelFailure.Timeout, ""),
        NoCredit => (ModelFailure.RateLimited, "The account has no credit left. Add some."),
        429 => (ModelFailure.RateLimited, "Wait, or raise the account's limit or quota."),
        >= 300 and < 400 => (ModelFailure.Failed, $"Set Endpoint to the redirect target{(response.Headers.Location is { } to ? $": {to}" : "")}."),
        >= 400 and < 500 => (ModelErrorCodes.IsTooLong(error) ? ModelFailure.ContextLength : ModelFailure.Rejected, ""),
        _ when error.Type == ModelErrorCodes.ContextSize => (ModelFailure.ContextLength, ""),
        _ => (ModelFailure.Failed, ""),
    };

    /// <summary>The server's words without the key or token and with a limited length.</summary>
    private string Words(ServerError error) => string.IsNullOrWhiteSpace(error.Message) ? "(no message)" : Sanitize(error.Message);

    private string Sanitize(string text)
    {
        if (access.Secret is { Length: >= MinSecret } secret) text = text.Replace(secret, "***", StringComparison.Ordinal);
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
