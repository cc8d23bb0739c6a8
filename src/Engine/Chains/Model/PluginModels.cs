using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Model;

/// <summary>The models of one configuration, for plugins: the client of each agent, once it has been created. Thread-safe.</summary>
internal sealed class PluginModels(IReadOnlyDictionary<string, AgentConfiguration> agents, HostObserver observer) : IPluginModels
{
    private readonly ConcurrentDictionary<string, IChatClient> _clients = new(StringComparer.Ordinal);

    /// <summary>An agent's client was created.</summary>
    public void Add(string agent, IChatClient client) => _clients[agent] = client;

    public IChatClient GetChatClient(PluginEntry entry, string? agent, ModelReference model)
    {
        var name = FindAgent(entry, agent, model);
        return new PluginChatClient(() => observer.Observe(ClientOf(name), name, entry.SourceId), model.Model);
    }

    public IEmbeddingGenerator<string, Embedding<float>> GetEmbeddings(PluginEntry entry, string? agent, ModelReference model)
    {
        var name = FindAgent(entry, agent, model);
        return new PluginEmbeddings(() => CreateEmbeddings(entry, name, model.Model), model.Model);
    }

    private ObservedEmbeddings CreateEmbeddings(PluginEntry entry, string agent, string? model)
    {
        var client = ClientOf(agent);
        var generator = client.GetService<IEmbeddingGenerator<string, Embedding<float>>>()
            ?? throw new NotSupportedException($"The client '{agents[agent].Model.Client}' of agent '{agent}' makes no embeddings.");
        var metadata = client.GetService<ChatClientMetadata>();
        if (model is not null) metadata = new ChatClientMetadata(metadata?.ProviderName, metadata?.ProviderUri, model);
        return new ObservedEmbeddings(generator, metadata, agent, entry.SourceId, observer);
    }

    private string FindAgent(PluginEntry entry, string? own, ModelReference model)
    {
        var name = model.Agent ?? own ?? throw new ArgumentException("The plugin belongs to no agent: the model reference must name one.", nameof(model));
        if (!agents.TryGetValue(name, out var agent))
            throw new ArgumentException($"There is no agent '{name}'.{Spelling.DidYouMean(name, agents.Keys)} There are {Spelling.List(agents.Keys)}.", nameof(model));
        return agent.Model.Plugin != entry ? name : throw new ArgumentException($"The plugin is the model of agent '{name}' itself.", nameof(model));
    }

    private IChatClient ClientOf(string agent) => _clients.TryGetValue(agent, out var client)
        ? client
        : throw new InvalidOperationException("The models do not exist yet. Call them in StartAsync or later.");
}
