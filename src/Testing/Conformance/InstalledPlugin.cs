using System.Reflection;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>A built plugin, loaded from its folder as a host loads it.</summary>
internal static class InstalledPlugin
{
    /// <param name="plugin">The plugin.</param>
    /// <param name="options">Its options.</param>
    public static ConformanceSuite CreateSuite(PluginDescriptor plugin, OptionValues options)
    {
        var main = new LoadedAssemblies(static (_, load) => load()).Load(plugin.Image);
        var type = PluginTypes.Find(main, plugin.Class);
        var constructor = PluginConstructor.Find(type, plugin.OptionsClass.FullName)!;
        return ConformanceSuite.Create(plugin.Name, context => constructor.Invoke(
            BindingFlags.DoNotWrapExceptions,
            null,
            [.. constructor.GetParameters().Select(p => PluginConstructor.IsContext(p) ? context : OptionsFactory.Create(p.ParameterType, options))],
            null));
    }
}
