using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Makes the chat clients named <c>openai</c>; they share their connections and end with this. Thread-safe.</summary>
internal sealed class OpenAIChatClients(ILogger<OpenAIChatClients> logger, TimeProvider timeProvider, Func<string, string?>? environment = null) : IDisposable
{
    private readonly ModelHttp _http = new(logger, timeProvider);
    private readonly Func<string, string?> _environment = environment ?? Environment.GetEnvironmentVariable;

    /// <summary>Makes the client of one agent. Connects to nothing.</summary>
    /// <param name="model">The model; null for <see cref="OpenAIOptions.DefaultModel"/>.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ModelOptionsException">Something is wrong with the options, or the key is missing.</exception>
    public IChatClient Create(string? model, OpenAIOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var name = string.IsNullOrWhiteSpace(model) ? OpenAIOptions.DefaultModel : model;
        var key = new ModelKey(options, _environment);
        var errors = OpenAIOptionsCheck.Check(options, key);
        if (errors.Count > 0) throw new ModelOptionsException(errors);

        return new ModelChatClient(CreateInner(name, options, key), new ModelErrors(name, options, key, timeProvider), options, timeProvider);
    }

    public void Dispose() => _http.Dispose();

    private IChatClient CreateInner(string model, OpenAIOptions options, ModelKey key)
    {
        // The handler puts the real key on each request; this one only satisfies the library.
        var placeholder = new ApiKeyCredential("none");
        return options.Api == OpenAIApi.Chat
            ? new ChatClient(model, placeholder, With(new OpenAIClientOptions { Endpoint = new(options.Endpoint), OrganizationId = options.Organization })).AsIChatClient()
            : new UnstoredResponses(
                new ResponsesClient(placeholder, With(new ResponsesClientOptions { Endpoint = new(options.Endpoint), OrganizationId = options.Organization })).AsIChatClient(model));

        T With<T>(T pipeline)
            where T : ClientPipelineOptions
        {
            pipeline.Transport = new HttpClientPipelineTransport(_http.CreateClient(options, key));

            // Retries and timeouts are the handler's and the watcher's.
            pipeline.RetryPolicy = new ClientRetryPolicy(maxRetries: 0);
            pipeline.NetworkTimeout = Timeout.InfiniteTimeSpan;
            return pipeline;
        }
    }
}
