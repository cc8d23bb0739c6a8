using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients;

/// <summary>A model gave no answer or an incomplete one.</summary>
/// <param name="type">One of <see cref="ModelErrorTypes"/>.</param>
/// <param name="message">The cause for callers: no key, no address, no name of a variable or file.</param>
/// <param name="inner">The cause; null for none.</param>
internal sealed class ModelException(string type, string message, Exception? inner = null) : Exception(message, inner), IModelFailure, IModelLimited
{
    /// <summary>The stable, low-cardinality type.</summary>
    public string ErrorType { get; } = type;

    /// <summary>Cause and remedy for the operator's log. Never contains a key.</summary>
    public string? Details { get; init; }

    /// <summary>The HTTP status of the model's server; null when there was none.</summary>
    public int? Status { get; init; }

    /// <summary>The server's own code, for example <c>context_length_exceeded</c>; null when it sent none.</summary>
    public string? Code { get; init; }

    /// <summary>The parameter that the server names; null for none.</summary>
    public string? Param { get; init; }

    /// <summary>Whether the server says that the same request may succeed later; null when it does not say.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>What the server said of its limits; null for nothing.</summary>
    public ModelLimits? Limits { get; init; }

    /// <summary>The delay that the server asked for before a retry; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>The types of <see cref="ModelException"/>.</summary>
internal static class ModelErrorTypes
{
    /// <summary>The server failed or sent an invalid answer.</summary>
    public const string Failed = "model_error";

    /// <summary>The server cannot be reached.</summary>
    public const string Unreachable = "model_unreachable";

    /// <summary>The server did not answer in time.</summary>
    public const string Timeout = "model_timeout";

    /// <summary>The server does not accept the key, or there is no valid key.</summary>
    public const string Unauthorized = "model_unauthorized";

    /// <summary>The server does not know the model or the path.</summary>
    public const string NotFound = "model_not_found";

    /// <summary>Too many requests, or the quota is used up.</summary>
    public const string RateLimited = "model_rate_limited";

    /// <summary>The server rejected the request: the model does not support it.</summary>
    public const string Rejected = "model_request_rejected";

    /// <summary>The server rejected the request because it does not fit the model's context.</summary>
    public const string ContextLength = "model_context_length_exceeded";

    /// <summary>The answer ended before it was complete.</summary>
    public const string Interrupted = "model_interrupted";
}
