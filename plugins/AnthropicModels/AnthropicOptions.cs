using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

namespace PluginHost.AnthropicModels;

/// <summary>How a model is asked to think before it answers.</summary>
public enum AnthropicThinking
{
    /// <summary>Never, also when a run asks for it.</summary>
    Off,

    /// <summary>With a budget of tokens. All thinking models except the newest have it.</summary>
    Budget,

    /// <summary>The model decides how much, by the effort. Claude 4.6 and later have it.</summary>
    Adaptive,
}

/// <summary>Which part of a request the service caches.</summary>
public enum AnthropicCaching
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>The tools and the instructions, which all sessions of an agent have in common.</summary>
    Instructions,

    /// <summary>The tools, the instructions and the conversation so far.</summary>
    Conversation,
}

/// <summary>Options of the <c>anthropic</c> chat client.</summary>
/// <param name="ApiKey">The key of the account.</param>
/// <param name="BaseUrl">The address of the service, without <c>/v1</c>. Default: <c>https://api.anthropic.com</c>.</param>
/// <param name="MaxTokens">How many tokens an answer may have when the request does not say, without those of <paramref name="ThinkingTokens"/>. 1 to 1,000,000. Default: 8192.</param>
/// <param name="Thinking">How the model is asked to think. Default: Budget, so that it thinks when a run asks for an effort or <paramref name="ThinkingTokens"/> is set.</param>
/// <param name="ThinkingTokens">How many tokens the model may think with <c>Budget</c> when a run does not ask for an effort, 1024 to 1,000,000. Default: none, so that it does not think then.</param>
/// <param name="PromptCaching">Which part of a request the service caches. Default: Conversation.</param>
/// <param name="LongCache">Whether the service keeps the cache for an hour instead of five minutes, at a higher price. Default: false.</param>
/// <param name="Version">The version of the interface, for a gateway that does not know the newest. Sampling parameters are sent with <c>2023-06-01</c> alone: later versions do not have them. Default: <c>2026-10-21</c>.</param>
/// <param name="Betas">The betas of the service that requests use, by their names. Default: none.</param>
/// <param name="Timeout">The time limit of one attempt until the answer begins, and of silence during the answer. Default: 5 minutes.</param>
/// <param name="MaxRetries">The maximum number of retries after status 408, 429 or 5xx, a timeout or a failed connection, 0 to 10. Default: 2.</param>
public sealed record AnthropicOptions(
    Secret ApiKey,
    Uri? BaseUrl = null,
    [Range(1, 1_000_000)] int MaxTokens = 8192,
    AnthropicThinking Thinking = AnthropicThinking.Budget,
    [Range(1024, 1_000_000)] int? ThinkingTokens = null,
    AnthropicCaching PromptCaching = AnthropicCaching.Conversation,
    bool LongCache = false,
    [RegularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}", ErrorMessage = "a date such as 2023-06-01")] string Version = "2026-10-21",
    IReadOnlyList<string>? Betas = null,
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] TimeSpan? Timeout = null,
    [Range(0, 10)] int MaxRetries = 2) : IValidatableObject
{
    internal Uri Address => BaseUrl ?? new Uri("https://api.anthropic.com");

    internal bool HasSampling => string.CompareOrdinal(Version, "2026-10-21") < 0;

    internal TimeSpan Limit => Timeout ?? TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Address.Scheme is not ("http" or "https") || Address.Query.Length + Address.Fragment.Length > 0)
            yield return new ValidationResult("This is not the address of a web server. Write it with its scheme: https://api.anthropic.com.", [nameof(BaseUrl)]);
        else if (Address.UserInfo.Length > 0)
            yield return new ValidationResult("User and password are not allowed in an address. Set the key in ApiKey.", [nameof(BaseUrl)]);
        else if (Address.AbsolutePath.TrimEnd('/').EndsWith("/v1", StringComparison.Ordinal))
            yield return new ValidationResult("Leave out /v1 at the end: the client adds it.", [nameof(BaseUrl)]);
        if (ThinkingTokens is not null && Thinking != AnthropicThinking.Budget)
            yield return new ValidationResult($"It has no effect with Thinking: {Thinking}. Set Thinking to Budget, or remove it.", [nameof(ThinkingTokens)]);
        for (var i = 0; i < Betas?.Count; i++)
        {
            if (Betas[i].Length == 0 || !Betas[i].All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'))
                yield return new ValidationResult("This is not the name of a beta, such as files-api-2025-04-14.", [$"{nameof(Betas)}:{i}"]);
        }
    }
}
