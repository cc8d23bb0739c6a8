using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Building;

/// <summary>What a chain is built of.</summary>
internal sealed record ChainParts(AgentConfiguration Agent, IReadOnlyList<PluginInstance> Plugins, IChatClient Client, PluginInstance? ClientFactory);

/// <summary>Makes the clients of agents and puts their chains together, whatever a plugin's client does. What fails is reported to the scope.</summary>
internal sealed class ChainAssembly(IChatClients chatClients, PluginCaller caller, InMemoryHistory history, ModelWindows windows, CompactionSeal seal, ILogger logger)
{
    private readonly ChainBuilder _builder = new(caller, logger, windows, seal);

    /// <summary>The same chain with the echo model, which asks no service.</summary>
    public Chain WithEcho(Chain chain) => _builder.Build(chain.Agent, chain.Plugins, chatClients.Create(new ModelConfiguration(), [])!, history);

    /// <summary>Makes the client of an agent, by its plugin or by the host.</summary>
    /// <returns>Null, with an error, when the client cannot be made.</returns>
    public async ValueTask<(IChatClient Client, PluginInstance? Factory)?> CreateClientAsync(AgentConfiguration agent, ActivationScope scope, CancellationToken cancellationToken)
    {
        if (agent.Model.Plugin is not { } entry)
        {
            var errors = new List<ConfigurationError>();
            var client = chatClients.Create(agent.Model, errors);
            foreach (var error in errors) scope.Report(error);
            return client is null ? null : (client, null);
        }

        if (await scope.ActivateAsync(entry, agent.Name) is not { } plugin) return null;
        try
        {
            var client = await caller.CallUnobservedAsync(
                new PluginCall(plugin, HostOperation.ClientCreate),
                (Factory: plugin.ChatClientFactory!, Request: new ChatClientRequest { Agent = agent.Name, Model = agent.Model.Model }),
                static async (s, ct) => await s.Factory.CreateAsync(s.Request, ct) ?? throw new PluginContractException("It returned null instead of a client."),
                cancellationToken);
            return (new OwnReasoning(client, entry.Plugin), plugin);
        }
        catch (PluginException e)
        {
            scope.Report(plugin, nameof(IChatClientFactory.CreateAsync), e);
            return null;
        }
    }

    /// <summary>Builds the chains. That calls the clients, which may be a plugin's, and throw or hang.</summary>
    public async ValueTask<List<Chain>> BuildAsync(IReadOnlyList<ChainParts> agents, ActivationScope scope, CancellationToken cancellationToken)
    {
        var chains = new List<Chain>();
        foreach (var parts in agents)
        {
            if (parts.ClientFactory is not { } factory)
            {
                chains.Add(_builder.Build(parts.Agent, parts.Plugins, parts.Client, history));
                continue;
            }

            try
            {
                chains.Add(await caller.CallUnobservedAsync(
                    new PluginCall(factory, HostOperation.ClientCreate),
                    (_builder, parts, history),
                    static (s, _) => new ValueTask<Chain>(s._builder.Build(s.parts.Agent, s.parts.Plugins, s.parts.Client, s.history)),
                    cancellationToken));
            }
            catch (PluginException e)
            {
                scope.Report(factory, "chat client", e);
            }
        }

        return chains;
    }
}
