using System.Net.Http.Headers;
using PluginHost.Sdk;

namespace PluginHost.Shared;

/// <summary>Turns failures of calls to a model's server into a <see cref="ModelException"/> with a text for callers and one for the operator.</summary>
/// <param name="model">The name of the model.</param>
/// <param name="endpoint">The address of the server, for the log.</param>
/// <param name="timeout">The time limit of calls.</param>
/// <param name="secrets">Values to remove from the server's messages.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerFailures(string model, Uri endpoint, TimeSpan timeout, IReadOnlyList<Secret> secrets, TimeProvider time)
{
    private const int MaxServerMessage = 500;

    /// <summary>A shorter secret is a placeholder, and would be cut out of words.</summary>
    private const int MinSecret = 8;

    /// <summary>The maximum delay of a retry. When the server asks for more, the caller decides.</summary>
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(60);

    /// <summary>What the operator does about a status, for example where the key is configured.</summary>
    public IReadOnlyDictionary<int, string> Cures { get; init; } = new Dictionary<int, string>();

    /// <summary>Finds a failure that the status does not tell; null for the one of the status.</summary>
    public Func<ServerError, ModelFailure?> FindKind { get; init; } = static _ => null;

    /// <param name="error">The exception.</param>
    /// <param name="answerStarted">Whether the server has begun its answer.</param>
    public ModelException From(Exception error, bool answerStarted) => error switch
    {
        _ when Find<ModelException>(error) is { } known => known,
        _ when error is OperationCanceledException || Find<TimeoutException>(error) is not null => Create(ModelFailure.Timeout, answerStarted
            ? $"sent no data for {timeout.TotalSeconds:0.#} s during its answer. Raise Timeout to allow more time."
            : $"timed out. Raise Timeout ({timeout.TotalSeconds:0.#} s) to allow more time."),
        _ when Find<IOException>(error) is { } io && answerStarted => Create(ModelFailure.Interrupted, "interrupted its answer.", io.Message, error),
        _ when error is HttpRequestException or IOException =>
            Create(ModelFailure.Unreachable, "cannot be reached.", $"{error.Message} Check that the server runs and that its address is right.", error),
        _ => Create(ModelFailure.Failed, $"sent an invalid answer: {Sanitize(error.Message)}", "", error),
    };

    public ModelException CreateInterrupted() => Create(ModelFailure.Interrupted, "ended its answer before it was complete.");

    /// <summary>The exception for what a request has and the model's service does not take.</summary>
    public ModelException CreateRejected(string why) => Create(ModelFailure.Rejected, $"was not called: {why}");

    /// <summary>Creates the exception for an error in an answer that began with status 200.</summary>
    public ModelException FromAnswer(ServerError error) =>
        Create(error.IsTooLong ? ModelFailure.ContextLength : FindKind(error) ?? ModelFailure.Failed, "failed during its answer", error: error, shouldRetry: IsOverloaded(error) ? true : null);

    /// <summary>Creates the exception for an answer with a status that says failure.</summary>
    public ModelException FromStatus(int status, HttpResponseHeaders headers, ServerError error)
    {
        var kind = Classify(status, error);
        return Create(
            kind, $"returned status {status}", Cures.GetValueOrDefault(status, ""), error: error, status: status, retryAfter: RetryAfterOf(headers), shouldRetry: ShouldRetryOf(headers, status, kind));
    }

    /// <summary>Whether the same request may succeed within a minute.</summary>
    public static bool IsWorthRetry(ModelException failure) => failure.RetryAfter is not { } delay || delay <= MaxRetryDelay
        ? failure.ShouldRetry ?? (failure.Failure is ModelFailure.Unreachable or ModelFailure.Timeout or ModelFailure.RateLimited || failure.Status is >= 500 and not 501)
        : false;

    private ModelFailure Classify(int status, ServerError error) => error.IsTooLong ? ModelFailure.ContextLength : FindKind(error) ?? status switch
    {
        401 or 403 => ModelFailure.Unauthorized,
        404 => ModelFailure.NotFound,
        408 or 504 => ModelFailure.Timeout,
        402 or 429 => ModelFailure.RateLimited,
        >= 400 and < 500 => ModelFailure.Rejected,
        _ => ModelFailure.Failed,
    };

    private ModelException Create(
        ModelFailure kind, string failure, string cure = "", Exception? inner = null, ServerError? error = null, int? status = null, TimeSpan? retryAfter = null, bool? shouldRetry = null)
    {
        var name = $"The model '{model}'";
        return new ModelException(kind, error is null ? $"{name} {failure}" : $"{name} {failure}: {WordsOf(error)}", inner)
        {
            // Without the server's words, which may quote a user.
            Details = $"{name} at {endpoint} {failure}{(error is null ? "" : error.Type is { } type ? $" ({Sanitize(type)})." : ".")} {cure}".TrimEnd(),
            Status = status,
            Code = error?.Type,
            RetryAfter = retryAfter,
            ShouldRetry = shouldRetry,
        };
    }

    private TimeSpan? RetryAfterOf(HttpResponseHeaders headers)
    {
        var delay = headers.RetryAfter?.Delta ?? headers.RetryAfter?.Date - time.GetUtcNow();
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    /// <summary>An account without credit has the same kind of failure as too many requests, but waiting does not help.</summary>
    private static bool? ShouldRetryOf(HttpResponseHeaders headers, int status, ModelFailure kind) =>
        headers.TryGetValues("x-should-retry", out var said) ? said.Contains("true")
        : status is 503 or 529 ? true
        : kind == ModelFailure.RateLimited && status != 429 ? false
        : null;

    private static bool IsOverloaded(ServerError error) => error.Type == "overloaded_error";

    private string WordsOf(ServerError error) => string.IsNullOrWhiteSpace(error.Message) ? "(no message)" : Sanitize(error.Message);

    /// <summary>The server's words without secrets and with a limited length.</summary>
    private string Sanitize(string text)
    {
        foreach (var secret in secrets)
        {
            if (secret.Reveal() is { Length: >= MinSecret } value) text = text.Replace(value, "***", StringComparison.Ordinal);
        }

        text = text.Trim();
        return text.Length <= MaxServerMessage ? text : $"{text.AsSpan(0, MaxServerMessage)}…";
    }

    private static T? Find<T>(Exception? error)
        where T : Exception
    {
        while (error is not null and not T) error = error.InnerException;
        return (T?)error;
    }
}
