using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Engine.Chains.Building;

/// <summary>
/// Builds the chains of a configuration completely, or not at all: activates every plugin, starts them in order, and takes all of
/// it back when one fails. What is kept in memory is shared by all sets, so a reload loses nothing.
/// </summary>
/// <param name="activator">Makes the instances of plugins.</param>
/// <param name="chatClients">Makes the clients of the host.</param>
/// <param name="caller">Calls the plugins.</param>
/// <param name="loggers">The log.</param>
/// <param name="seal">Seals compaction items; null for a key of the process.</param>
/// <param name="claims">The sessions of this host; null where no other host uses the store.</param>
internal sealed class ChainSetFactory(
    PluginActivator activator, IChatClients chatClients, PluginCaller caller, ILoggerFactory loggers, CompactionSeal? seal = null, SessionClaims? claims = null)
{
    private readonly CompactionSeal _seal = seal ?? CompactionSeal.OfProcess;
    private readonly InMemoryHistory _history = new();
    private readonly InMemorySessions _sessions = new();
    private readonly ModelWindows _windows = new();
    private readonly ILogger _logger = loggers.CreateLogger("PluginHost.Engine");

    /// <summary>Builds the chains of a configuration, and starts its plugins.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="catalog">Its plugins.</param>
    /// <param name="live">The sets that may still be called, for what a changed plugin hands over.</param>
    /// <param name="cancellationToken">Cancels the build.</param>
    /// <exception cref="StartupException">Something failed; all of it is listed and nothing is left behind.</exception>
    public ValueTask<ChainSet> BuildAsync(
        HostConfiguration configuration, PluginCatalog catalog, IReadOnlyList<ChainSet> live, CancellationToken cancellationToken) =>
        caller.Observer.ObserveAsync(
            new ObservedOperation(HostOperation.Start),
            (Factory: this, configuration, catalog, live, cancellationToken),
            static s => s.Factory.BuildCoreAsync(s.configuration, s.catalog, s.live, s.cancellationToken));

    /// <inheritdoc cref="PluginActivator.FindOptionErrorsAsync"/>
    public Task<IReadOnlyList<ConfigurationError>> FindOptionErrorsAsync(HostSetup setup) => activator.FindOptionErrorsAsync(setup);

    /// <summary>The options of a plugin of a setup, or of a chat client of the host; null when there is none of that name.</summary>
    public OptionType? FindOptions(HostSetup setup, string name) => setup.Catalog.Find(name)?.Options ?? chatClients.FindOptions(name);

    /// <summary>The same chain with the echo model, which asks no service.</summary>
    public Chain WithEcho(Chain chain) => CreateAssembly().WithEcho(chain);

    private async ValueTask<ChainSet> BuildCoreAsync(
        HostConfiguration configuration, PluginCatalog catalog, IReadOnlyList<ChainSet> live, CancellationToken cancellationToken)
    {
        var models = new PluginModels(configuration.Agents, caller.Observer);
        var scope = activator.Begin(catalog, models);
        var (assembly, handover) = (CreateAssembly(), new ResourceHandover(caller, _logger));
        var (clients, started) = (new List<IChatClient>(), new List<PluginInstance>());
        try
        {
            scope.Prepare(configuration.Entries);
            var store = configuration.Sessions.Store is { } entry ? await scope.ActivateAsync(entry, agent: null) : null;
            if (configuration.Explain is { Enabled: true, Store: ExplanationPlace.Session } && !KeepsExplanations(configuration, store)) scope.Report(NoExplanations(store));
            var agents = new List<ChainParts>();
            foreach (var agent in configuration.Agents.Values)
            {
                var plugins = new List<PluginInstance>();
                foreach (var chainEntry in agent.Chain)
                {
                    if (await scope.ActivateAsync(chainEntry, agent.Name) is { } plugin) plugins.Add(plugin);
                }

                if (await assembly.CreateClientAsync(agent, scope, cancellationToken) is not (var client, var factory)) continue;
                clients.Add(client);
                models.Add(agent.Name, client);
                agents.Add(new(agent, plugins, client, factory));
            }

            await handover.PlanAsync(scope, live);
            await scope.ThrowIfFailedAsync(DisposeAsync);
            var chains = await assembly.BuildAsync(agents, scope, cancellationToken);
            await scope.ThrowIfFailedAsync(DisposeAsync);
            cancellationToken.ThrowIfCancellationRequested();
            await HandOverAsync(handover, scope, configuration.PluginLoading.HandoverTimeout, started, cancellationToken);
            await StartAsync(scope, handover, started, cancellationToken);

            if (store is null) Log.NoStore(_logger);
            return new ChainSet(
                configuration.Sessions,
                chains,
                new SessionStoreClient(store ?? PluginInstance.FromHost("in-memory-sessions", _sessions), caller, claims),
                [.. scope.Instances],
                clients,
                _logger)
            {
                Takeover = handover,
                Seal = _seal,
            };
        }
        catch (Exception failure)
        {
            await handover.RevertAsync();
            var deadline = new Deadline(caller.Time, ChainSet.StopTimeout);
            // The scope has taken back what it reports itself; a cancelled build is not one of these.
            if (failure is not StartupException) await TakeBackAsync(scope, started, deadline);
            foreach (var client in clients)
                await PluginLifetime.DisposeAsync(client, deadline, caller.Time, e => Log.StopFailed(_logger, client.GetType().Name, LoggableError.From(e)));
            throw;
        }
    }

    /// <summary>A store that could not be made is reported itself.</summary>
    private static bool KeepsExplanations(HostConfiguration configuration, PluginInstance? store) =>
        store is null ? configuration.Sessions.Store is not null : store.Explanations is not null;

    private static ConfigurationError NoExplanations(PluginInstance? store) => new(
        "Explain:Store",
        store is null ? "There is no session store to keep explanations in." : $"The session store '{store.SourceId}' keeps no explanations.",
        "Use 'memory', or a store that keeps them, such as sqlite-sessions, file-sessions or postgres-sessions.");

    private ChainAssembly CreateAssembly() => new(chatClients, caller, _history, _windows, _seal, _logger);

    private static async ValueTask HandOverAsync(
        ResourceHandover handover, ActivationScope scope, TimeSpan timeout, List<PluginInstance> started, CancellationToken cancellationToken)
    {
        try
        {
            await handover.HandOverAsync(timeout, cancellationToken);
        }
        catch (PluginException e)
        {
            // The start that follows sees the error, and takes everything back.
            scope.Report(handover.Successors.FirstOrDefault(p => p.SourceId == e.SourceId) ?? handover.Successors.First(), "handover", e);
        }
        catch (TimeoutException e)
        {
            scope.Report(handover.Successors.First(), "handover", e);
        }
        finally
        {
            started.AddRange(handover.Started);
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

    private async ValueTask StartAsync(ActivationScope scope, ResourceHandover handover, List<PluginInstance> started, CancellationToken cancellationToken)
    {
        foreach (var plugin in scope.Instances.Except(started).ToList())
        {
            if (scope.Errors.Count > 0) break;
            try
            {
                await PluginLifetime.StartAsync(plugin, caller, cancellationToken);
                started.Add(plugin);
            }
            catch (PluginException e)
            {
                scope.Report(plugin, "start", e);
            }
        }

        if (scope.Errors.Count == 0) return;
        await handover.RevertAsync();
        await PluginLifetime.StopAsync(started, new Deadline(caller.Time, ChainSet.StopTimeout), caller, (plugin, e) => scope.Report(plugin, "stop", e));
        await scope.ThrowIfFailedAsync(DisposeAsync);
    }
}
