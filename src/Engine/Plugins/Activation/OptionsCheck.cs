using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>
/// What <c>check</c> finds by running code of plugins: options that check themselves. No plugin is created, and an assembly is loaded
/// only when the options of an entry ask for it.
/// </summary>
internal static class OptionsCheck
{
    /// <summary>The errors beyond those of the setup. None when the plugins are not the ones that the operator trusts.</summary>
    public static async Task<IReadOnlyList<ConfigurationError>> FindErrorsAsync(HostSetup setup, PluginCaller caller)
    {
        var errors = new List<ConfigurationError>();
        if (!setup.IsTrusted || setup.Loaded.Draft is not { } configuration) return errors;
        var assemblies = new LoadedAssemblies(static (_, load) => load());
        var validator = new OptionsValidator(caller);
        foreach (var entry in EntriesIn(configuration))
        {
            if (setup.Catalog.Find(entry.Plugin) is not { ValidatesOptions: true } plugin || plugin.ReadOptions(entry.Options, []) is not { } values) continue;
            try
            {
                var type = PluginTypes.Find(assemblies.Load(plugin.Image), plugin.OptionsClass);
                await validator.CreateAsync(plugin, entry, type, values, errors);
            }
            catch (Exception e)
            {
                errors.Add(PluginErrors.Failed(entry.Path, plugin.Name, plugin.File, "load", e));
            }
        }

        return [.. errors.Distinct()];
    }

    private static IEnumerable<PluginEntry> EntriesIn(HostConfiguration configuration)
    {
        if (configuration.Sessions.Store is { } store) yield return store;
        foreach (var agent in configuration.Agents.Values)
        {
            foreach (var entry in agent.Chain) yield return entry;
            if (agent.Model.Plugin is { } client) yield return client;
        }
    }
}
