using System.ComponentModel.DataAnnotations;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Which of OpenAI's interfaces is called.</summary>
internal enum OpenAIApi
{
    /// <summary>Chat completions: spoken by nearly every server.</summary>
    Chat,

    /// <summary>Responses: the service may keep the conversation.</summary>
    Responses,
}

/// <summary>Options of the <c>openai</c> chat client, which calls any server that speaks OpenAI's interface.</summary>
/// <param name="Endpoint">
/// The base address, which in nearly all cases ends in <c>/v1</c>: for Ollama <c>http://localhost:11434/v1</c>, for Azure
/// <c>https://NAME.openai.azure.com/openai/v1</c>.
/// </param>
/// <param name="Api">Which interface of the server is called.</param>
/// <param name="ApiKeyEnvironment">The environment variable that holds the key; empty for none.</param>
/// <param name="ApiKeyFile">
/// A file that holds the key, instead of the variable. It is read for every request, so that a new key is taken over without a
/// restart.
/// </param>
/// <param name="KeyHeader">
/// The header that carries the key: <c>Authorization</c> as a bearer token, any other (<c>api-key</c> for Azure) as it is.
/// </param>
/// <param name="Organization">The organization that is billed; null for the key's own.</param>
/// <param name="TimeoutSeconds">
/// How long one attempt may take until the answer begins, and how long a streamed answer may be silent, in seconds.
/// </param>
/// <param name="TotalTimeoutSeconds">
/// How long all attempts with the waits between them may take until a streamed answer begins or an unstreamed one is there, in
/// seconds.
/// </param>
/// <param name="MaxRetries">
/// How often a call is tried again after status 408, 429 or 5xx, a timeout or a failed connection. Never once an answer has begun.
/// </param>
internal sealed record OpenAIOptions(
    string Endpoint = OpenAIOptions.DefaultEndpoint,
    OpenAIApi Api = OpenAIApi.Chat,
    string ApiKeyEnvironment = "OPENAI_API_KEY",
    string? ApiKeyFile = null,
    string KeyHeader = "Authorization",
    string? Organization = null,
    [Range(1, 3600)] int TimeoutSeconds = 100,
    [Range(1, 3600)] int TotalTimeoutSeconds = 300,
    [Range(0, 10)] int MaxRetries = 2)
{
    /// <summary>OpenAI's own endpoint, the one that is known to need a key.</summary>
    public const string DefaultEndpoint = "https://api.openai.com/v1";

    /// <summary>The model when the agent names none.</summary>
    public const string DefaultModel = "gpt-4.1-mini";
}
