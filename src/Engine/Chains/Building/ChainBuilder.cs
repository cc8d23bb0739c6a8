using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Chains.Stages;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Building;

/// <summary>Puts a chain together from activated instances. Position decides everything.</summary>
/// <param name="caller">Calls the plugins.</param>
/// <param name="logger">The log.</param>
/// <param name="windows">What is known of models, kept across reloads; null for nothing.</param>
/// <param name="seal">Seals compaction items; null for a key of the process.</param>
internal sealed class ChainBuilder(PluginCaller caller, ILogger logger, ModelWindows? windows = null, CompactionSeal? seal = null)
{
    private readonly ModelWindows _windows = windows ?? new();
    private readonly CompactionSeal _seal = seal ?? CompactionSeal.OfProcess;

    /// <summary>The name of the history that is added when an agent has none that loads.</summary>
    public const string InMemoryHistoryName = "in-memory-history";

    /// <param name="agent">The agent.</param>
    /// <param name="plugins">Its instances in chain order.</param>
    /// <param name="model">Its client.</param>
    /// <param name="inMemory">The in-memory history of the host, shared by its agents and kept across reloads.</param>
    /// <param name="isObserved">Whether calls of the client are calls of a model, and reported as such.</param>
    /// <param name="budget">What the model takes, when that is known already.</param>
    public Chain Build(
        AgentConfiguration agent, IReadOnlyList<PluginInstance> plugins, IChatClient model, InMemoryHistory inMemory, bool isObserved = true, TokenBudget? budget = null)
    {
        if (!plugins.Any(p => p.History is not null && p.Entry.Host.Load))
        {
            Log.NoHistory(logger, agent.Name);
            plugins = [PluginInstance.FromHost(InMemoryHistoryName, inMemory), .. plugins];
        }

        budget ??= new TokenBudget(agent.Model, _windows.Get(agent.Name, agent.Model.Model ?? model.GetService<ChatClientMetadata>()?.DefaultModelId));
        var client = isObserved ? caller.Observer.Observe(model, agent.Name) : model;
        var clients = new ModelClients(client, agent.ServiceSession == ServiceSessionMode.Auto, plugins, caller, budget, agent.Model.HasResponses, _seal, logger);
        var histories = plugins.Where(p => p.History is not null && p.Entry.Host.Load).Select(p => p.SourceId).ToHashSet(StringComparer.Ordinal);
        Stage stage = new ModelStage(agent, clients, histories, caller.Time);
        for (var i = plugins.Count - 1; i >= 0; i--) stage = Wrap(plugins[i], stage, budget);
        return new Chain(agent, plugins, stage, model, budget, caller.Observer);
    }

    /// <summary>A plugin of several kinds loads, then provides, then wraps.</summary>
    private Stage Wrap(PluginInstance plugin, Stage next, TokenBudget budget)
    {
        if (plugin.Plugin is IRunMiddleware middleware)
            next = new MiddlewareStage(plugin, middleware, caller, next, e => Log.LateError(logger, plugin.SourceId, LoggableError.From(e)));
        if (plugin.Context is not null) next = new ContextStage(plugin, caller, next);
        if (plugin.History is not null) next = new HistoryStage(plugin, caller, budget, next);
        return next;
    }
}
