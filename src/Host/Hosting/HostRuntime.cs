using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http.Access;
using PluginHost.Native;

namespace PluginHost.Hosting;

/// <summary>
/// The host's life: the first set of chains, reloads, and the end, when runs are drained before plugins are. Thread-safe.
/// </summary>
internal sealed class HostRuntime(
    HostSetup setup, Func<HostSetup> load, ChainSetFactory factory, ChainHolder chains, RunEngine engine, ApiKeys keys, TimeProvider time, ILogger<HostRuntime> logger)
    : IHostReload, IHostCatalog
{
    /// <summary>
    /// How much longer than <c>Server:ShutdownTimeout</c> the end of the host may take: for runs that are cancelled, and for plugins to
    /// stop. With the default of 20 s, and telemetry's own limit, the sum stays below the 30 s of Kubernetes.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reloading = new(1);
    private volatile HostSetup _setup = setup;
    private volatile Deadline? _shutdown;

    public IReadOnlyList<AgentDescription> Agents =>
        [.. chains.Current.Chains.Select(c => new AgentDescription(c.Agent.Name, c.Agent.Model.Client, c.Agent.Model.Model, [.. c.Plugins.Select(Describe)]))];

    public IReadOnlyList<PluginDescription> Plugins => [.. _setup.Catalog.Plugins.Select(Describe)];

    private TimeSpan RunTimeout => _setup.Configuration!.Server.ShutdownTimeout;

    /// <exception cref="StartupException">The chains cannot be built.</exception>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        await chains.SwapAsync(await factory.BuildAsync(_setup.Configuration!, _setup.Catalog, cancellationToken), RunTimeout);

    /// <summary>Refuses new runs, and returns when those in progress have ended, or have been cancelled and stored.</summary>
    public Task DrainAsync()
    {
        _shutdown = new Deadline(time, RunTimeout + Grace);
        var drained = engine.StopAsync(RunTimeout, Grace / 2);
        Log.Stopping(logger, RunTimeout);
        return drained;
    }

    /// <summary>Stops the plugins and disposes them, in reverse, within what is left of the shutdown's time.</summary>
    public Task StopPluginsAsync() => chains.StopAsync(_shutdown ?? new Deadline(time, Grace));

    public async ValueTask<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
    {
        await _reloading.WaitAsync(cancellationToken);
        try
        {
            var next = load();
            if (next.Configuration is null) throw Refused(next.Errors);
            var set = await factory.BuildAsync(next.Configuration, next.Catalog, cancellationToken);
            _setup = next;
            keys.Replace(next.Configuration.Server);
            // Runs in progress end on the old chains; the reload does not wait for them.
            _ = chains.SwapAsync(set, RunTimeout);
            Log.Reloaded(logger, set.Chains.Count);
            return [.. set.Chains.Select(c => c.Agent.Name)];
        }
        catch (StartupException e)
        {
            throw Refused(e.Errors);
        }
        finally
        {
            _reloading.Release();
        }
    }

    private ProblemException Refused(IReadOnlyList<ConfigurationError> errors)
    {
        Log.ReloadRefused(logger, string.Join(' ', errors));
        return new ProblemException(ProblemTypes.ConfigurationInvalid, "The new configuration is wrong, so the old one goes on serving.")
        {
            Errors = [.. errors.Select(e => new ProblemError(e.Path, e.Message, e.Cure))],
        };
    }

    private ChainEntryDescription Describe(PluginInstance plugin) =>
        new(plugin.Entry.Plugin, plugin.Entry.Name, PluginKind.Describe(plugin.Kinds), plugin.Version);

    private static PluginDescription Describe(PluginDescriptor plugin) => new(
        plugin.Name,
        PluginKind.Describe(plugin.Kinds),
        plugin.Version,
        plugin.SdkVersion,
        [.. OptionRow.From(plugin.Options).Select(o => new PluginOptionDescription(o.Name, o.Type, o.Default, o.Summary))]);
}
