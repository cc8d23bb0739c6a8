using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>The assemblies of a plugin's folder that may register plugins: the main one, and others that reference the SDK.</summary>
/// <param name="All">All of them with their files, the main one first.</param>
internal sealed record AuthorsAssemblies(IReadOnlyList<(string File, AssemblyFacts Facts)> All)
{
    /// <summary>The version of the SDK that they were built on; zero when none references it.</summary>
    public Version SdkVersion => All.SelectMany(a => a.Facts.References).Where(IsSdk).Max(r => r.Version) ?? new(0, 0, 0);

    /// <param name="folder">The plugin's folder.</param>
    /// <param name="main">The main assembly.</param>
    /// <param name="read">Reads a file; null when it is no assembly.</param>
    public static AuthorsAssemblies Find(PluginFolder folder, AssemblyFacts main, Func<string, AssemblyFacts?> read)
    {
        var others =
            from file in Directory.GetFiles(Path.GetDirectoryName(folder.Image)!, "*.dll").Order(StringComparer.Ordinal)
            where file != folder.Image && SharedAssemblies.VersionOf(Path.GetFileNameWithoutExtension(file)) is null
            // A broken file that something references is reported with what references it.
            let facts = read(file)
            where facts?.References.Any(IsSdk) == true
            select (file, facts);
        return new([(folder.Image, main), .. others]);
    }

    private static bool IsSdk(System.Reflection.AssemblyName reference) => reference.Name == SharedAssemblies.Sdk;
}
