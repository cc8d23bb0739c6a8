using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
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
internal sealed class ChainSetFactory(PluginActivator activator, IChatClients chatClients, PluginCaller calls, ILoggerFactory loggers)
{
    private readonly InMemoryHistory _history = new();
    private readonly InMemorySessions _sessions = new();
    private readonly ILogger _logger = loggers.CreateLogger("PluginHost.Engine");

    /// <exception cref="StartupException">Something failed; all of it is listed and nothing is left behind.</exception>
    public async ValueTask<ChainSet> BuildAsync(HostConfiguration configuration, PluginCatalog catalog, CancellationToken cancellationToken)
    {
        var operation = new ObservedOperation(HostOperation.Start);
        var token = calls.Observer.IsEnabled ? calls.Observer.Begin(operation) : null;
        try
        {
            var set = await BuildCoreAsync(configuration, catalog, cancellationToken);
            if (calls.Observer.IsEnabled) calls.Observer.End(token, operation, default);
            return set;
        }
        catch (Exception e)
        {
            if (calls.Observer.IsEnabled) calls.Observer.End(token, operation, PluginCaller.Failure(e));
            throw;
        }
    }

    private async ValueTask<ChainSet> BuildCoreAsync(HostConfiguration configuration, PluginCatalog catalog, CancellationToken cancellationToken)
    {
        var scope = activator.Begin(catalog);
        var clients = new List<IChatClient>();
        try
        {
            var store = configuration.SessionStore is { } entry ? await scope.ActivateAsync(entry, agent: null) : null;
            var agents = new List<(AgentConfiguration Agent, List<PluginInstance> Plugins, IChatClient? Client)>();
            foreach (var agent in configuration.Agents)
            {
                var plugins = new List<PluginInstance>();
                foreach (var chainEntry in agent.Chain)
                {
                    if (await scope.ActivateAsync(chainEntry, agent.Name) is { } plugin) plugins.Add(plugin);
                }

                var client = await CreateClientAsync(agent, scope);
                if (client is not null) clients.Add(client);
                agents.Add((agent, plugins, client));
            }

            await scope.ThrowIfFailedAsync();
            await StartAsync(scope, cancellationToken);

            if (store is null) Log.NoStore(_logger);
            var builder = new ChainBuilder(calls, _logger);
            return new ChainSet(
                configuration.Sessions,
                [.. agents.Select(a => builder.Build(a.Agent, a.Plugins, a.Client!, _history))],
                new CountedSessionStore(store?.SessionStore ?? _sessions, calls.Time),
                store?.SourceId ?? "in-memory-sessions",
                [.. scope.Instances],
                clients,
                _logger);
        }
        catch
        {
            foreach (var client in clients) client.Dispose();
            throw;
        }
    }

    private async ValueTask<IChatClient?> CreateClientAsync(AgentConfiguration agent, ActivationScope scope)
    {
        if (agent.Model.Plugin is not { } entry)
        {
            var errors = new List<ConfigurationError>();
            var client = chatClients.Create(agent.Model, errors);
            foreach (var error in errors) scope.Report(error);
            return client;
        }

        var plugin = await scope.ActivateAsync(entry, agent.Name);
        if (plugin is null) return null;
        try
        {
            return plugin.ChatClientFactory!.Create(agent.Model.Model)
                ?? throw new InvalidOperationException("It returned null in the place of a client.");
        }
        catch (Exception e)
        {
            scope.Report(plugin, nameof(IChatClientFactory.Create), e);
            return null;
        }
    }

    private async ValueTask StartAsync(ActivationScope scope, CancellationToken cancellationToken)
    {
        var started = new List<PluginInstance>();
        foreach (var plugin in scope.Instances)
        {
            try
            {
                await PluginLifetime.StartAsync(plugin, calls, cancellationToken);
                started.Add(plugin);
            }
            catch (PluginException e)
            {
                scope.Report(plugin, "start", e.InnerException ?? e);
                break;
            }
        }

        if (scope.Errors.Count == 0) return;
        await PluginLifetime.StopAsync(started, TimeSpan.FromSeconds(10), calls, (plugin, e) => scope.Report(plugin, "stop", e));
        await scope.ThrowIfFailedAsync();
    }
}
