using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;
using PluginHost.Engine.Configuration.Access;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Creates the chat clients named <c>openai</c>, which share connections. Disposing it ends all its clients. Thread-safe.</summary>
internal sealed class OpenAIChatClients(
    ILogger<OpenAIChatClients> logger, TimeProvider timeProvider, Func<string, string?>? environment = null, DistributedContextPropagator? traceOnly = null)
    : IDisposable
{
    private readonly ModelHttpClientFactory _http = new(logger, timeProvider, traceOnly);
    private readonly Func<string, string?> _environment = environment ?? Environment.GetEnvironmentVariable;

    /// <summary>Creates the client of one agent. Does not connect.</summary>
    /// <param name="model">The model; null for <see cref="OpenAIOptions.DefaultModel"/>.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ModelOptionsException">The options are invalid, or the key is missing.</exception>
    public IChatClient Create(string? model, OpenAIOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var name = string.IsNullOrWhiteSpace(model) ? OpenAIOptions.DefaultModel : model;
        var key = new ModelKey(options, _environment);
        var errors = OpenAIOptionsValidator.Validate(options, key);
        if (errors.Count > 0) throw new ModelOptionsException(errors);
        if (options.ApiKeyFile is { } file && SecretFile.IsOpen(file)) Log.KeyFileOpen(logger, file);

        return new ModelChatClient(CreateInner(name, options, key), new ModelExceptionFactory(name, options, key, timeProvider), options, timeProvider);
    }

    public void Dispose() => _http.Dispose();

    private IChatClient CreateInner(string model, OpenAIOptions options, ModelKey key)
    {
        // The library requires a key. ApiKeyHandler replaces this one on each request.
        var placeholder = new ApiKeyCredential("none");
        return options.Api == OpenAIApi.Chat
            ? new ChatClient(model, placeholder, Configure(new OpenAIClientOptions { Endpoint = new(options.Endpoint), OrganizationId = options.Organization })).AsIChatClient()
            : new UnstoredResponsesClient(
                new ResponsesClient(placeholder, Configure(new ResponsesClientOptions { Endpoint = new(options.Endpoint), OrganizationId = options.Organization })).AsIChatClient(model));

        T Configure<T>(T pipeline)
            where T : ClientPipelineOptions
        {
            pipeline.Transport = new HttpClientPipelineTransport(_http.CreateClient(options, key));

            // The resilience handler retries, and ModelChatClient applies timeouts.
            pipeline.RetryPolicy = new ClientRetryPolicy(maxRetries: 0);
            pipeline.NetworkTimeout = Timeout.InfiniteTimeSpan;
            return pipeline;
        }
    }
}
