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
    private readonly ILogger _logger = services.LoggerFactory.CreateLogger<PluginActivator>();

    /// <summary>How many load contexts each plugin has; a changed plugin gets a new one, and the old one may stay.</summary>
    public IReadOnlyDictionary<string, int> LoadContexts => _assemblies.CountByPlugin();

    /// <summary>Begins to create the instances of one configuration, all or none.</summary>
    /// <param name="catalog">The installed plugins.</param>
    /// <param name="models">The models for plugins; null for none.</param>
    public ActivationScope Begin(PluginCatalog catalog, IPluginModels? models = null) => new(catalog, services, _assemblies, _resources, models, _logger);
}
