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
    HostSetup setup, Func<HostSetup> load, ChainSetFactory factory, ChainHolder chains, RunEngine engine, ApiKeys keys, ILogger<HostRuntime> logger)
    : IHostReload, IHostCatalog
{
    private readonly SemaphoreSlim _reloading = new(1);
    private volatile HostSetup _setup = setup;

    public IReadOnlyList<AgentDescription> Agents =>
        [.. chains.Current.Chains.Select(c => new AgentDescription(c.Agent.Name, c.Agent.Model.Client, c.Agent.Model.Model, [.. c.Plugins.Select(Describe)]))];

    public IReadOnlyList<PluginDescription> Plugins => [.. _setup.Catalog.Plugins.Select(Describe)];

    private TimeSpan Deadline => _setup.Configuration!.Server.ShutdownTimeout;

    /// <exception cref="StartupException">The chains cannot be built.</exception>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        await chains.SwapAsync(await factory.BuildAsync(_setup.Configuration!, _setup.Catalog, cancellationToken), Deadline);

    /// <summary>Refuses new runs, and returns when those in progress have ended, at the deadline at the latest as cancelled.</summary>
    public Task DrainAsync()
    {
        var drained = engine.StopAsync(Deadline);
        Log.Stopping(logger, Deadline);
        return drained;
    }

    /// <summary>Stops the plugins and disposes them, in reverse.</summary>
    public Task StopPluginsAsync() => chains.StopAsync(Deadline);

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
            // Runs in progress end on the old chains; nobody has to wait for them.
            _ = chains.SwapAsync(set, Deadline);
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
        new(plugin.Entry.Plugin, plugin.Entry.Name, KindsOf(plugin), plugin.Version);

    // A history that the host added has no descriptor.
    private string KindsOf(PluginInstance plugin) =>
        _setup.Catalog.Find(plugin.Entry.Plugin) is { } descriptor ? PluginErrors.Kinds(descriptor) : PluginErrors.Name(PluginKind.History);

    private static PluginDescription Describe(PluginDescriptor plugin) => new(
        plugin.Name,
        PluginErrors.Kinds(plugin),
        plugin.Version,
        plugin.SdkVersion,
        [.. OptionRow.Of(plugin).Select(o => new PluginOptionDescription(o.Name, o.Type, o.Default, o.Summary))]);
}
