namespace PluginHost.Sdk;

/// <summary>What kind of failure of a model it is. Later versions may add kinds.</summary>
public enum ModelFailure
{
    /// <summary>The server failed, or its answer makes no sense. Callers see <c>model_error</c>, 502.</summary>
    Failed,

    /// <summary>The server cannot be reached. Callers see <c>model_unreachable</c>, 502.</summary>
    Unreachable,

    /// <summary>The server did not answer in time. Callers see <c>model_timeout</c>, 504.</summary>
    Timeout,

    /// <summary>The server does not accept the host's key, or there is none. Callers see <c>model_unauthorized</c>, 502.</summary>
    Unauthorized,

    /// <summary>The server does not know the model. Callers see <c>model_not_found</c>, 502.</summary>
    NotFound,

    /// <summary>
    /// Too many requests, or the quota is used up. Callers see <c>model_rate_limited</c>: 429 in OpenAI's and Anthropic's interfaces, and
    /// 502 in the native one, which keeps 429 for the host's own limits.
    /// </summary>
    RateLimited,

    /// <summary>The server rejected the request: the model cannot do what it asks. Callers see <c>model_request_rejected</c>.</summary>
    Rejected,

    /// <summary>The request does not fit the model's context. Callers see <c>model_context_length_exceeded</c>.</summary>
    ContextLength,

    /// <summary>The answer ended before it was complete. Callers see <c>model_interrupted</c>, 502.</summary>
    Interrupted,
}

/// <summary>
/// A model gave no answer, or an incomplete one. The host's chat clients throw it, and so should a plugin's: callers then get the kind, the
/// code and the delay at every interface, as from the built-in client. Immutable.
/// </summary>
public sealed class ModelException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="failure">The kind.</param>
    /// <param name="message">The cause, which callers see: no key, no address, no name of a variable or file.</param>
    /// <param name="innerException">The cause, for the log; null for none.</param>
    public ModelException(ModelFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>The kind.</summary>
    public ModelFailure Failure { get; }

    /// <summary>How long to wait before the same request is worth another try; null when the server did not say. Callers get it as <c>Retry-After</c>, in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request may succeed later; null when the server did not say. OpenAI's and Anthropic's clients get it as <c>x-should-retry</c>.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>The server's own code, for example <c>insufficient_quota</c>; null when it sent none. OpenAI's clients react to it.</summary>
    public string? Code { get; init; }

    /// <summary>The parameter that the server names; null for none.</summary>
    public string? Param { get; init; }

    /// <summary>The HTTP status of the server, 100 to 599; null when there was none.</summary>
    public int? Status { get; init; }

    /// <summary>Cause and remedy for the operator, which the log has and callers do not see. Without secrets. Null for none.</summary>
    public string? Details { get; init; }

    /// <summary>What the server said of the account's limits, for the host; null for nothing.</summary>
    internal object? Limits { get; init; }
}
