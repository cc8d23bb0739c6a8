using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>Gives plugins the models of a configuration. Thread-safe.</summary>
internal interface IPluginModels
{
    /// <param name="entry">The plugin that asks.</param>
    /// <param name="agent">The agent that it belongs to; null for none.</param>
    /// <param name="model">Which model.</param>
    /// <exception cref="ArgumentException">There is no such model for this plugin.</exception>
    IChatClient GetChatClient(PluginEntry entry, string? agent, ModelReference model);

    /// <summary>The same for embeddings.</summary>
    IEmbeddingGenerator<string, Embedding<float>> GetEmbeddings(PluginEntry entry, string? agent, ModelReference model);
}
