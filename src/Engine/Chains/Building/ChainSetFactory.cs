using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Building;

/// <summary>
/// Builds the chains of a configuration completely, or not at all: activates every plugin, starts them in order, and takes all of
/// it back when one fails. What is kept in memory is shared by all sets, so a reload loses nothing.
/// </summary>
internal sealed class ChainSetFactory(PluginActivator activator, IChatClients chatClients, PluginCaller caller, ILoggerFactory loggers)
{
    private readonly InMemoryHistory _history = new();
    private readonly InMemorySessions _sessions = new();
    private readonly ILogger _logger = loggers.CreateLogger("PluginHost.Engine");

    /// <exception cref="StartupException">Something failed; all of it is listed and nothing is left behind.</exception>
    public ValueTask<ChainSet> BuildAsync(HostConfiguration configuration, PluginCatalog catalog, CancellationToken cancellationToken) =>
        caller.Observer.ObserveAsync(
            new ObservedOperation(HostOperation.Start),
            (Factory: this, configuration, catalog, cancellationToken),
            static s => s.Factory.BuildCoreAsync(s.configuration, s.catalog, s.cancellationToken));

    private async ValueTask<ChainSet> BuildCoreAsync(HostConfiguration configuration, PluginCatalog catalog, CancellationToken cancellationToken)
    {
        var models = new PluginModels(configuration.Agents, caller.Observer);
        var scope = activator.Begin(catalog, models);
        var (clients, started) = (new List<IChatClient>(), new List<PluginInstance>());
        try
        {
            var store = configuration.Sessions.Store is { } entry ? await scope.ActivateAsync(entry, agent: null) : null;
            var agents = new List<(AgentConfiguration Agent, List<PluginInstance> Plugins, IChatClient? Client)>();
            foreach (var agent in configuration.Agents.Values)
            {
                var plugins = new List<PluginInstance>();
                foreach (var chainEntry in agent.Chain)
                {
                    if (await scope.ActivateAsync(chainEntry, agent.Name) is { } plugin) plugins.Add(plugin);
                }

                var client = await CreateClientAsync(agent, scope, cancellationToken);
                if (client is not null)
                {
                    clients.Add(client);
                    models.Add(agent.Name, client);
                }

                agents.Add((agent, plugins, client));
            }

            await scope.ThrowIfFailedAsync(DisposeAsync);
            cancellationToken.ThrowIfCancellationRequested();
            await StartAsync(scope, started, cancellationToken);

            if (store is null) Log.NoStore(_logger);
            var builder = new ChainBuilder(caller, _logger);
            return new ChainSet(
                configuration.Sessions,
                [.. agents.Select(a => builder.Build(a.Agent, a.Plugins, a.Client!, _history))],
                new SessionStoreClient(store ?? PluginInstance.FromHost("in-memory-sessions", _sessions), caller),
                [.. scope.Instances],
                clients,
                _logger);
        }
        catch (Exception failure)
        {
            var deadline = new Deadline(caller.Time, ChainSet.StopTimeout);
            // The scope has taken back what it reports itself; a cancelled build is not one of these.
            if (failure is not StartupException) await TakeBackAsync(scope, started, deadline);
            foreach (var client in clients)
                await PluginLifetime.DisposeAsync(client, deadline, caller.Time, e => Log.StopFailed(_logger, client.GetType().Name, LoggableError.From(e)));
            throw;
        }
    }

    private async ValueTask<IChatClient?> CreateClientAsync(AgentConfiguration agent, ActivationScope scope, CancellationToken cancellationToken)
    {
        if (agent.Model.Plugin is not { } entry)
        {
            var errors = new List<ConfigurationError>();
            var client = chatClients.Create(agent.Model, errors);
            foreach (var error in errors) scope.Report(error);
            return client;
        }

        if (await scope.ActivateAsync(entry, agent.Name) is not { } plugin) return null;
        try
        {
            return await caller.CallUnobservedAsync(
                new PluginCall(plugin, HostOperation.ClientCreate),
                (Factory: plugin.ChatClientFactory!, Request: new ChatClientRequest { Agent = agent.Name, Model = agent.Model.Model }),
                static async (s, ct) => await s.Factory.CreateAsync(s.Request, ct) ?? throw new InvalidOperationException("It returned null instead of a client."),
                cancellationToken);
        }
        catch (PluginException e)
        {
            scope.Report(plugin, nameof(IChatClientFactory.CreateAsync), e.InnerException ?? e);
            return null;
        }
    }

    private Task DisposeAsync(IReadOnlyList<PluginInstance> plugins, Action<PluginInstance, Exception> failed) =>
        PluginLifetime.DisposeAsync(plugins, new Deadline(caller.Time, ChainSet.StopTimeout), caller, failed);

    private async ValueTask TakeBackAsync(ActivationScope scope, IReadOnlyList<PluginInstance> started, Deadline deadline)
    {
        await PluginLifetime.StopAsync(started, deadline, caller, Failed);
        await PluginLifetime.DisposeAsync([.. scope.Instances], deadline, caller, Failed);

        void Failed(PluginInstance plugin, Exception e) => Log.StopFailed(_logger, plugin.SourceId, LoggableError.From(e));
    }

    private async ValueTask StartAsync(ActivationScope scope, List<PluginInstance> started, CancellationToken cancellationToken)
    {
        foreach (var plugin in scope.Instances)
        {
            try
            {
                await PluginLifetime.StartAsync(plugin, caller, cancellationToken);
                started.Add(plugin);
            }
            catch (PluginException e)
            {
                scope.Report(plugin, "start", e.InnerException ?? e);
                break;
            }
        }

        if (scope.Errors.Count == 0) return;
        await PluginLifetime.StopAsync(started, new Deadline(caller.Time, ChainSet.StopTimeout), caller, (plugin, e) => scope.Report(plugin, "stop", e));
        await scope.ThrowIfFailedAsync(DisposeAsync);
    }
}
