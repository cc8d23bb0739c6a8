using System.Reflection;
using System.Runtime.Loader;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>Finds classes of a loaded plugin, which may be in any assembly of its folder.</summary>
internal static class PluginTypes
{
    /// <param name="main">The plugin's main assembly, in its load context.</param>
    /// <param name="reference">The class.</param>
    public static Type Find(Assembly main, TypeReference reference)
    {
        var assembly = main.GetName().Name == reference.Assembly
            ? main
            : AssemblyLoadContext.GetLoadContext(main)!.LoadFromAssemblyName(new AssemblyName(reference.Assembly));
        return assembly.GetType(reference.FullName, throwOnError: true)!;
    }
}
