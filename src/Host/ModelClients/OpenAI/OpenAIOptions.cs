using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.ModelClients.OpenAI.Entra;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>The OpenAI API to call.</summary>
internal enum OpenAIApi
{
    /// <summary>Chat completions, which nearly every server supports.</summary>
    Chat,

    /// <summary>Responses, where the service can keep the conversation.</summary>
    Responses,
}

/// <summary>The names that a server knows where servers differ.</summary>
internal enum OpenAIDialect
{
    /// <summary>As the caller sent it; what has no name of the caller's gets the one that OpenAI or other servers know, by the address.</summary>
    Auto,

    /// <summary>The names of OpenAI: <c>max_completion_tokens</c>.</summary>
    OpenAI,

    /// <summary>The older names, which all other servers know: <c>max_tokens</c>, and the role <c>system</c> for <c>developer</c>.</summary>
    Compatible,
}

/// <summary>Options of the <c>openai</c> chat client for servers with an OpenAI API.</summary>
/// <param name="Endpoint">
/// The base address. Usually it ends in <c>/v1</c>: for Ollama <c>http://localhost:11434/v1</c>, for Azure
/// <c>https://NAME.openai.azure.com/openai/v1</c>.
/// </param>
/// <param name="Api">The API of the server to call.</param>
/// <param name="ApiKeyEnvironment">The environment variable with the key; empty for none.</param>
/// <param name="ApiKeyFile">
/// A file with the key, instead of the variable. The host reads it for every request, so a new key needs no restart.
/// </param>
/// <param name="KeyHeader">
/// The header for the key: <c>Authorization</c> sends it as a bearer token, any other header (<c>api-key</c> for Azure) unchanged.
/// </param>
/// <param name="Entra">The identity in Microsoft Entra ID whose token is sent instead of a key; null for a key.</param>
/// <param name="Organization">The organization to bill; null for the organization of the key.</param>
/// <param name="TimeoutSeconds">
/// The time limit in seconds for one attempt until the answer starts, and for each pause in a streamed answer.
/// </param>
/// <param name="TotalTimeoutSeconds">
/// The time limit in seconds for all attempts and the delays between them, until a streamed answer starts or another answer is complete.
/// </param>
/// <param name="MaxRetries">
/// The maximum number of retries after status 408, 429 or 5xx, a timeout or a failed connection. No retry after an answer has started.
/// </param>
/// <param name="SendBaggage">Whether the server receives the caller's <c>baggage</c> and <c>tracestate</c> besides the trace's id.</param>
/// <param name="Dialect">
/// Renames parameters for a server that refuses or ignores the caller's names: <c>openai</c> for OpenAI's newer models, <c>compatible</c>
/// for other servers; <c>auto</c> leaves names as they were sent.
/// </param>
/// <param name="Parameters">
/// Parameters of requests that neither a caller nor a plugin sets, by the names of the server's interface.
/// </param>
/// <param name="Omit">Parameters that the server refuses, by the names of its interface: they are never sent.</param>
/// <param name="KeepReasoning">
/// Whether reasoning of turns without calls goes back too, for models that keep their thinking over turns.
/// </param>
internal sealed record OpenAIOptions(
    string Endpoint = OpenAIOptions.DefaultEndpoint,
    OpenAIApi Api = OpenAIApi.Chat,
    string ApiKeyEnvironment = OpenAIOptions.DefaultKeyVariable,
    string? ApiKeyFile = null,
    string KeyHeader = "Authorization",
    EntraOptions? Entra = null,
    string? Organization = null,
    [Range(1, 3600)] int TimeoutSeconds = 100,
    [Range(1, 3600)] int TotalTimeoutSeconds = 300,
    [Range(0, 10)] int MaxRetries = 2,
    bool SendBaggage = false,
    OpenAIDialect Dialect = OpenAIDialect.Auto,
    OptionsSection? Parameters = null,
    IReadOnlyList<string>? Omit = null,
    bool KeepReasoning = false)
{
    /// <summary>The endpoint of OpenAI, which requires a key.</summary>
    public const string DefaultEndpoint = "https://api.openai.com/v1";

    /// <summary>The environment variable with the key, unless the options name another one.</summary>
    public const string DefaultKeyVariable = "OPENAI_API_KEY";

    /// <summary>The model of an agent without <c>Model:Model</c>.</summary>
    public const string DefaultModel = "gpt-4.1-mini";

    /// <summary>Whether a parameter without a name of the caller's gets the name that OpenAI's newer models need.</summary>
    public bool UsesNewNames { get; } = Dialect == OpenAIDialect.OpenAI || (Dialect == OpenAIDialect.Auto && IsOpenAI(Endpoint));

    /// <summary>Whether a parameter is never sent.</summary>
    public bool Omits(string name) => Omit?.Contains(name, StringComparer.Ordinal) == true;

    /// <summary><see cref="Parameters"/> as JSON. Values from the environment are text: JSON where it is JSON.</summary>
    public IReadOnlyDictionary<string, JsonElement> Defaults { get; } = Parameters is null
        ? new Dictionary<string, JsonElement>()
        : Parameters.Json.Where(p => p.Value is not null).ToDictionary(p => p.Key, p => Read(p.Value!, Parameters.TextPaths.Contains(Parameters.PathOf(p.Key))), StringComparer.Ordinal);

    private static bool IsOpenAI(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)
        && (uri.Host.EndsWith(".openai.com", StringComparison.OrdinalIgnoreCase) || uri.Host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase));

    private static JsonElement Read(JsonNode node, bool isText)
    {
        try
        {
            return JsonElement.Parse(isText ? node.GetValue<string>() : node.ToJsonString());
        }
        catch (JsonException)
        {
            return JsonElement.Parse(node.ToJsonString());
        }
    }
}
