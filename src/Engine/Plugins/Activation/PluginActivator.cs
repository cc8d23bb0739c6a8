using System.Collections.Concurrent;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>
/// Creates plugin instances. Lives as long as the host: assemblies stay loaded, and resources shared, across reloads.
/// Thread-safe.
/// </summary>
internal sealed class PluginActivator(PluginServices services)
{
    private readonly LoadedAssemblies _assemblies = new(services.ObserveLoad);
    private readonly SharedResources _resources = new();
    private readonly ConcurrentDictionary<string, HandoverGate> _gates = new(StringComparer.Ordinal);
    private readonly ILogger _logger = services.LoggerFactory.CreateLogger<PluginActivator>();

    /// <summary>How many load contexts each plugin has; a changed plugin gets a new one, and the old one may stay.</summary>
    public IReadOnlyDictionary<string, LoadedContexts> LoadContexts =>
        _assemblies.CountByFolder().ToDictionary(f => f.Key, f => new LoadedContexts(f.Value.Count, f.Value.Bytes));

    /// <inheritdoc cref="OptionsCheck.FindErrorsAsync(HostSetup, PluginCaller)"/>
    public Task<IReadOnlyList<ConfigurationError>> FindOptionErrorsAsync(HostSetup setup) => OptionsCheck.FindErrorsAsync(setup, services.Caller, _assemblies);

    /// <summary>Begins to create the instances of one configuration, all or none.</summary>
    /// <param name="catalog">The installed plugins.</param>
    /// <param name="models">The models for plugins; null for none.</param>
    public ActivationScope Begin(PluginCatalog catalog, IPluginModels? models = null) =>
        new(catalog, services, _assemblies, _resources, models, file => _gates.GetOrAdd(file, static _ => new HandoverGate()), _logger);
}
