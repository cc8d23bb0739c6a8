using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Finds entries whose tools would have the same names. Which tools a plugin gives is only known in a run.</summary>
internal static class ToolClash
{
    /// <summary>A warning for each plugin that a chain has twice without telling its tools apart.</summary>
    public static IEnumerable<ConfigurationError> Find(PluginCatalog catalog, HostConfiguration configuration) =>
        from agent in configuration.Agents.Values
        from same in agent.Chain.GroupBy(e => (e.Plugin, e.Host.ToolPrefix))
        where catalog.Find(same.Key.Plugin)?.Is(PluginKind.Context) == true
        let entries = same.Where(e => e.Host.ToolNames.Count == 0).ToList()
        where entries.Count > 1
        select new ConfigurationError(
            entries[1].Path,
            $"Plugin '{same.Key.Plugin}' is in this chain as {string.Join(" and as ", entries.Select(e => e.SourceId))}. If it gives tools, each run fails, because their names are the same.",
            "Give one of them a Host:ToolPrefix.");
}
