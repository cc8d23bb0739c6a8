using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

namespace PluginHost.Ollama;

/// <summary>Whether a model thinks before it answers.</summary>
public enum OllamaThinking
{
    /// <summary>As the model does by default.</summary>
    Default,

    /// <summary>It does not think.</summary>
    Off,

    /// <summary>It thinks.</summary>
    On,

    /// <summary>It thinks little. Only some models have levels.</summary>
    Low,

    /// <summary>It thinks more than a little.</summary>
    Medium,

    /// <summary>It thinks as much as it can.</summary>
    High,
}

/// <summary>Options of the <c>ollama</c> chat client.</summary>
/// <param name="Endpoint">The address of the server, for example <c>http://localhost:11434</c>.</param>
/// <param name="KeepAlive">
/// How long the server keeps the model in memory after a call: <c>30s</c>, <c>10m</c>, <c>24h</c>, <c>0</c> for not at all, <c>-1</c> for ever.
/// Default: the server's, which is five minutes.
/// </param>
/// <param name="Parameters">Parameters of the model that neither a caller nor a plugin sets, by Ollama's names, for example <c>num_ctx</c>. Default: the model's.</param>
/// <param name="Stop">Texts that end an answer, unless the request names others. Default: the model's.</param>
/// <param name="Think">Whether the model thinks, unless the request asks for an effort. Default: as the model does.</param>
/// <param name="Truncate">Whether the server may leave out the oldest messages of a request that is too long, without saying so. Default: false.</param>
/// <param name="Headers">Headers of each request, for a server behind a proxy with a log-in. Default: none.</param>
/// <param name="Timeout">The time limit of one attempt until the answer begins, which includes loading the model, and of silence during the answer. Default: 5 minutes.</param>
/// <param name="MaxRetries">The maximum number of retries after status 408, 429 or 5xx, a timeout or a failed connection, 0 to 10. Default: 2.</param>
public sealed record OllamaOptions(
    Uri Endpoint,
    [RegularExpression("-?(0|[1-9][0-9]*)|[0-9]+(ms|s|m|h)", ErrorMessage = "a duration such as 30s, 10m or 24h, 0, or -1")] string? KeepAlive = null,
    IReadOnlyDictionary<string, decimal>? Parameters = null,
    IReadOnlyList<string>? Stop = null,
    OllamaThinking Think = OllamaThinking.Default,
    bool Truncate = false,
    IReadOnlyDictionary<string, Secret>? Headers = null,
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] TimeSpan? Timeout = null,
    [Range(0, 10)] int MaxRetries = 2) : IValidatableObject
{
    internal TimeSpan Limit => Timeout ?? TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint.Scheme is not ("http" or "https") || Endpoint.Query.Length + Endpoint.Fragment.Length > 0)
            yield return new ValidationResult("This is not the address of a web server. Write it with its scheme: http://localhost:11434.", [nameof(Endpoint)]);
        else if (Endpoint.UserInfo.Length > 0)
            yield return new ValidationResult("User and password are not allowed in an address. Set a header in Headers.", [nameof(Endpoint)]);
        else if (Endpoint.AbsolutePath.TrimEnd('/').EndsWith("/v1", StringComparison.Ordinal))
            yield return new ValidationResult("This is the address of Ollama's OpenAI interface. Leave out /v1, or use the chat client openai.", [nameof(Endpoint)]);
    }
}
