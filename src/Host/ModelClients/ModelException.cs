using PluginHost.Engine.Errors;

namespace PluginHost.ModelClients;

/// <summary>Why a model gave no answer, or only part of one.</summary>
/// <param name="type">One of <see cref="ModelErrorTypes"/>.</param>
/// <param name="message">For the operator: what happened, and what cures it. Never holds a key.</param>
/// <param name="inner">The cause, when it says more.</param>
internal sealed class ModelException(string type, string message, Exception? inner = null) : Exception(message, inner), IErrorType
{
    /// <summary>Low-cardinality, stable.</summary>
    public string ErrorType { get; } = type;

    /// <summary>The HTTP status of the model's server; null when there was none.</summary>
    public int? Status { get; init; }

    /// <summary>When the server asked to be called again; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>The types of <see cref="ModelException"/>.</summary>
internal static class ModelErrorTypes
{
    /// <summary>The server failed, or sent what cannot be understood.</summary>
    public const string Failed = "model_error";

    /// <summary>No connection to the server.</summary>
    public const string Unreachable = "model_unreachable";

    /// <summary>No answer in time.</summary>
    public const string Timeout = "model_timeout";

    /// <summary>The server does not accept the key, or there is none.</summary>
    public const string Unauthorized = "model_unauthorized";

    /// <summary>The server does not know the model or the path.</summary>
    public const string NotFound = "model_not_found";

    /// <summary>Too many requests, or no quota left.</summary>
    public const string RateLimited = "model_rate_limited";

    /// <summary>The server does not accept the request: too long, or something in it that the model cannot do.</summary>
    public const string Rejected = "model_request_rejected";

    /// <summary>The answer broke off.</summary>
    public const string Interrupted = "model_interrupted";
}
