using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Sessions.Backup;
using PluginHost.Hosting;

namespace PluginHost.Cli.Backups;

/// <summary>The stores and histories of a configuration, without a host that serves: created, and started only on request.</summary>
internal sealed class OfflineStores : IAsyncDisposable
{
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private bool _isStarted;

    private OfflineStores(WebApplication app, IReadOnlyList<PluginInstance> plugins) => (_app, Plugins) = (app, plugins);

    public IReadOnlyList<PluginInstance> Plugins { get; }

    public PluginCaller Caller => _app.Services.GetRequiredService<PluginCaller>();

    public StoreBackup Backup => _app.Services.GetRequiredService<StoreBackup>();

    /// <param name="setup">The configuration, without errors.</param>
    /// <param name="logsPlugins">Whether warnings of the plugins go to standard error.</param>
    /// <exception cref="StartupException">A plugin cannot be created.</exception>
    public static async Task<OfflineStores> OpenAsync(HostSetup setup, bool logsPlugins = false)
    {
        var app = HostComposition.Build(setup, () => setup, logsPlugins ? TraceCommand.DisableOutput : DisableOutput);
        try
        {
            var scope = app.Services.GetRequiredService<PluginActivator>().Begin(setup.Catalog);
            foreach (var (entry, agent) in FindEntries(setup)) await scope.ActivateAsync(entry, agent);
            await scope.ThrowIfFailedAsync((plugins, failed) => DisposeAsync(app, plugins, failed));
            return new OfflineStores(app, scope.Instances);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the plugins, so that they can be read and written. Refused while a host has a store that one process alone can open.</summary>
    /// <exception cref="PluginException">A plugin did not start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var plugin in Plugins) await PluginLifetime.StartAsync(plugin, Caller, cancellationToken);
        _isStarted = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isStarted) await PluginLifetime.StopAsync(Plugins, new Deadline(Caller.Time, DisposeTimeout), Caller, static (_, _) => { });
        await DisposeAsync(_app, Plugins, static (_, _) => { });
        await _app.DisposeAsync();
    }

    // The command writes what a store throws itself.
    private static void DisableOutput(IHostApplicationBuilder builder)
    {
        TraceCommand.DisableOutput(builder);
        builder.Configuration.AddInMemoryCollection([new("Logging:LogLevel:PluginHost.Plugin", "None")]);
    }

    private static IEnumerable<(PluginEntry Entry, string? Agent)> FindEntries(HostSetup setup)
    {
        var configuration = setup.Configuration!;
        if (configuration.Sessions.Store is { } store) yield return (store, null);
        foreach (var agent in configuration.Agents.Values)
        {
            foreach (var entry in agent.Chain.Where(e => setup.Catalog.Find(e.Plugin)?.Kinds.Contains(PluginKind.History) == true))
                yield return (entry, agent.Name);
        }
    }

    private static Task DisposeAsync(WebApplication app, IReadOnlyList<PluginInstance> plugins, Action<PluginInstance, Exception> failed)
    {
        var caller = app.Services.GetRequiredService<PluginCaller>();
        return PluginLifetime.DisposeAsync(plugins, new Deadline(caller.Time, DisposeTimeout), caller, failed);
    }
}
