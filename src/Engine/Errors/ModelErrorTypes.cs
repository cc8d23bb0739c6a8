using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>The low-cardinality types of failures of models. Part of the HTTP API and of telemetry: do not rename.</summary>
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

    public static string From(ModelFailure failure) => failure switch
    {
        ModelFailure.Unreachable => Unreachable,
        ModelFailure.Timeout => Timeout,
        ModelFailure.Unauthorized => Unauthorized,
        ModelFailure.NotFound => NotFound,
        ModelFailure.RateLimited => RateLimited,
        ModelFailure.Rejected => Rejected,
        ModelFailure.ContextLength => ContextLength,
        ModelFailure.Interrupted => Interrupted,
        _ => Failed,
    };

    /// <summary>The failure of a type; that of an unknown one is <see cref="ModelFailure.Failed"/>.</summary>
    public static ModelFailure FailureOf(string type) => Enum.GetValues<ModelFailure>().FirstOrDefault(f => From(f) == type);
}
