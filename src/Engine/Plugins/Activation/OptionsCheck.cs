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
    public static Task<IReadOnlyList<ConfigurationError>> FindErrorsAsync(HostSetup setup, PluginCaller caller) =>
        FindErrorsAsync(setup, caller, new LoadedAssemblies(static (_, load) => load()));

    /// <summary>The same for a process that has loaded plugins.</summary>
    /// <param name="setup">What is checked.</param>
    /// <param name="caller">Calls the options.</param>
    /// <param name="assemblies">What is loaded. What is not is added.</param>
    public static async Task<IReadOnlyList<ConfigurationError>> FindErrorsAsync(HostSetup setup, PluginCaller caller, LoadedAssemblies assemblies)
    {
        if (!setup.IsTrusted || setup.Loaded.Draft is not { } configuration) return [];
        var validator = new OptionsValidator(caller);
        // Side by side, so that several that hang take the time of one.
        var checks = configuration.Entries.Select(CheckAsync).ToList();
        return [.. (await Task.WhenAll(checks)).SelectMany(e => e).Distinct()];

        async Task<IReadOnlyList<ConfigurationError>> CheckAsync(PluginEntry entry)
        {
            var errors = new List<ConfigurationError>();
            if (setup.Catalog.Find(entry.Plugin) is not { ValidatesOptions: true } plugin || plugin.ReadOptions(entry.Options, []) is not { } values) return errors;
            try
            {
                var type = PluginTypes.Find(assemblies.Load(plugin.Image), plugin.OptionsClass);
                await validator.CreateAsync(plugin, entry, type, values, errors);
            }
            catch (Exception e)
            {
                errors.Add(PluginErrors.Failed(entry.Path, plugin.Name, plugin.File, "load", e));
            }

            return errors;
        }
    }
}
