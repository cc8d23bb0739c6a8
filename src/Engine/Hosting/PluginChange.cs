using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Hosting;

/// <summary>A build of a plugin.</summary>
/// <param name="Version">The version of its assembly.</param>
/// <param name="Sha256">The hash of all files of its folder.</param>
internal sealed record PluginBuild(string Version, string Sha256);

/// <summary>A plugin that a generation has in another build than the one before.</summary>
/// <param name="Plugin">Its name.</param>
/// <param name="From">The build before; null when it was not there.</param>
/// <param name="To">The build now; null when it is gone.</param>
internal sealed record PluginChange(string Plugin, PluginBuild? From, PluginBuild? To)
{
    public static IReadOnlyList<PluginChange> Between(PluginCatalog before, PluginCatalog after)
    {
        var (old, now) = (Builds(before), Builds(after));
        return
        [
            .. old.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
                .Select(name => new PluginChange(name, old.GetValueOrDefault(name), now.GetValueOrDefault(name)))
                .Where(c => c.From != c.To),
        ];
    }

    private static Dictionary<string, PluginBuild> Builds(PluginCatalog catalog) =>
        catalog.Plugins.ToDictionary(p => p.Name, p => new PluginBuild(p.Version, p.Sha256));
}
