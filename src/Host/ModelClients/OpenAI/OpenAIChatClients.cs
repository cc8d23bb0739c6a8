using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Access;
using PluginHost.ModelClients.OpenAI.Chat;
using PluginHost.ModelClients.OpenAI.Entra;
using PluginHost.ModelClients.OpenAI.Relay;
using PluginHost.ModelClients.OpenAI.Responses;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Creates the chat clients named <c>openai</c>, which share connections. Disposing it ends all its clients. Thread-safe.</summary>
internal sealed class OpenAIChatClients(
    ILogger<OpenAIChatClients> logger, TimeProvider timeProvider, Func<string, string?>? environment = null, DistributedContextPropagator? traceOnly = null)
    : IDisposable
{
    private readonly ModelHttpClientFactory _http = new(logger, timeProvider, traceOnly);
    private readonly Func<string, string?> _environment = environment ?? Environment.GetEnvironmentVariable;

    /// <summary>Agents with the same identity share its token.</summary>
    private readonly ConcurrentDictionary<EntraOptions, TokenCache> _tokens = new();

    /// <summary>Creates the client of one agent. Does not connect.</summary>
    /// <param name="model">The model; null for <see cref="OpenAIOptions.DefaultModel"/>.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ModelOptionsException">The options are invalid, or the key is missing.</exception>
    public IChatClient Create(string? model, OpenAIOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var name = string.IsNullOrWhiteSpace(model) ? OpenAIOptions.DefaultModel : model;
        IModelAccess access = options.Entra is { } entra
            ? new EntraAccess(options, entra, _environment, _tokens.GetOrAdd(entra, CreateTokens))
            : new ModelKey(options, _environment);
        var errors = OpenAIOptionsValidator.Validate(options, access);
        if (errors.Count > 0) throw new ModelOptionsException(errors);

        if (options.ApiKeyFile is { } file && SecretFile.IsOpen(file)) Log.KeyFileOpen(logger, file);

        var failures = new ModelExceptionFactory(name, options, access, timeProvider);
        var transport = new ModelTransport(_http.CreateClient(options, access), options, failures);
        IChatClient client = options.Api == OpenAIApi.Chat ? new ChatCompletionsClient(name, options, transport) : new ResponsesClient(name, options, transport);
        var server = new OpenAIServer(new("openai", new Uri(options.Endpoint), name), options, transport, logger, timeProvider);
        return new ModelChatClient(client, server, failures, options, timeProvider);
    }

    public void Dispose() => _http.Dispose();

    private TokenCache CreateTokens(EntraOptions options) => new(new EntraTokens(options, _environment, _http.CreatePlainClient), timeProvider, logger);
}
