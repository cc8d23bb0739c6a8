using System.ComponentModel.DataAnnotations;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>The OpenAI API to call.</summary>
internal enum OpenAIApi
{
    /// <summary>Chat completions, which nearly every server supports.</summary>
    Chat,

    /// <summary>Responses, where the service can keep the conversation.</summary>
    Responses,
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
internal sealed record OpenAIOptions(
    string Endpoint = OpenAIOptions.DefaultEndpoint,
    OpenAIApi Api = OpenAIApi.Chat,
    string ApiKeyEnvironment = "OPENAI_API_KEY",
    string? ApiKeyFile = null,
    string KeyHeader = "Authorization",
    string? Organization = null,
    [Range(1, 3600)] int TimeoutSeconds = 100,
    [Range(1, 3600)] int TotalTimeoutSeconds = 300,
    [Range(0, 10)] int MaxRetries = 2,
    bool SendBaggage = false)
{
    /// <summary>The endpoint of OpenAI, which requires a key.</summary>
    public const string DefaultEndpoint = "https://api.openai.com/v1";

    /// <summary>The model of an agent without <c>Model:Model</c>.</summary>
    public const string DefaultModel = "gpt-4.1-mini";
}
