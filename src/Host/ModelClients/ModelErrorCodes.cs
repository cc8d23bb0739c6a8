using PluginHost.Engine.Chains.Tokens;
using PluginHost.ModelClients.OpenAI;
using PluginHost.Sdk;

namespace PluginHost.ModelClients;

/// <summary>The codes by which servers say what kind of failure an error is. They reach the caller as they are.</summary>
internal static class ModelErrorCodes
{
    /// <summary>The type by which llama.cpp says that a request does not fit. Its older versions send it with status 500.</summary>
    public const string ContextSize = "exceed_context_size_error";

    /// <summary>The kind of an error that was sent without a status.</summary>
    public static ModelFailure ToFailure(string? code) => code switch
    {
        "rate_limit_exceeded" or "insufficient_quota" => ModelFailure.RateLimited,
        "context_length_exceeded" => ModelFailure.ContextLength,
        "content_filter" or "content_policy_violation" or "invalid_prompt" or "string_above_max_length" => ModelFailure.Rejected,
        _ => ModelFailure.Failed,
    };

    /// <summary>Whether an error says that the request does not fit the model's context. Many servers say it in words only.</summary>
    public static bool IsTooLong(ServerError error) =>
        ToFailure(error.Code) == ModelFailure.ContextLength || error.Type == ContextSize || (ToFailure(error.Code) == ModelFailure.Failed && LengthRefusal.Find(error.Message) is not null);

    /// <summary>Whether a request with this failure may succeed later; null when the code does not say.</summary>
    public static bool? ShouldRetry(string? code) => code == "insufficient_quota" ? false : null;
}
