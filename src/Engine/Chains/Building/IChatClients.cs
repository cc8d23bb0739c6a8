using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Chains.Building;

/// <summary>Makes the chat clients that need no plugin. Thread-safe.</summary>
internal interface IChatClients
{
    /// <summary>Makes the client of one agent. Connects to nothing.</summary>
    /// <param name="model">The agent's model; its client is one of the host's own.</param>
    /// <param name="errors">Gets what is wrong with the options.</param>
    /// <returns>The client; null when anything is wrong.</returns>
    IChatClient? Create(ModelConfiguration model, ICollection<ConfigurationError> errors);

    /// <summary>The options of a client; null when there is none of that name.</summary>
    OptionType? FindOptions(string client);
}
