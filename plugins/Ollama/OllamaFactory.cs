using Microsoft.Extensions.AI;
using PluginHost.Sdk;
using PluginHost.Shared;

namespace PluginHost.Ollama;

/// <summary>Creates clients for models of an Ollama server. Does not connect.</summary>
public sealed class OllamaFactory(OllamaOptions options, PluginContext context) : IChatClientFactory
{
    /// <inheritdoc/>
    public ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Model)) throw new ArgumentException("An agent with the client 'ollama' needs Model:Model, the name of a model as 'ollama list' shows it.");
        var failures = new ServerFailures(request.Model, options.Endpoint, options.Limit, [.. (options.Headers?.Values ?? []).SelectMany(SecretsIn)], context.TimeProvider)
        {
            Cures = new Dictionary<int, string>
            {
                [401] = "Check the Headers.",
                [403] = "Check the Headers.",
                [404] = $"Run 'ollama pull {request.Model}' on the server, and check that Endpoint is its address.",
                [503] = "The server is busy. Raise its OLLAMA_MAX_QUEUE or OLLAMA_NUM_PARALLEL.",
            },
        };
        var http = ServerConnections.CreateClient(context, new CallLimits(options.Limit, options.MaxRetries), failures);
        http.BaseAddress = new Uri($"{options.Endpoint.ToString().TrimEnd('/')}/");
        foreach (var (name, value) in options.Headers ?? new Dictionary<string, Secret>()) http.DefaultRequestHeaders.TryAddWithoutValidation(name, value.Reveal());
        return new ValueTask<IChatClient>(new OllamaChatClient(request.Model, options, http, failures));
    }

    /// <summary>A header such as "Bearer TOKEN", and its words: a server may quote the token alone.</summary>
    private static IEnumerable<Secret> SecretsIn(Secret header) =>
        header.Reveal().Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word => new Secret(word)).Prepend(header);
}
