using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>
/// Makes plugin instances. Lives as long as the host: assemblies stay loaded, and shared resources shared, across reloads.
/// Thread-safe.
/// </summary>
internal sealed class PluginActivator(PluginServices services)
{
    private readonly LoadedAssemblies _assemblies = new(services.ObserveLoad);
    private readonly SharedResources _resources = new();
    private readonly ILogger _logger = services.LoggerFactory.CreateLogger<PluginActivator>();

    /// <summary>How many load contexts there are; a changed plugin gets a new one, and the old one may stay.</summary>
    public IReadOnlyDictionary<string, int> LoadContexts => _assemblies.CountByPlugin();

    /// <summary>Begins to make the instances of one configuration, all or none.</summary>
    public ActivationScope Begin(PluginCatalog catalog) => new(catalog, services, _assemblies, _resources, _logger);
}
