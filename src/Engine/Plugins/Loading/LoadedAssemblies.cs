using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;
using McMaster.NETCore.Plugins;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>Plugin assemblies by file, each in a separate load context. A copy of other files has another path. Thread-safe.</summary>
internal sealed class LoadedAssemblies(Action<string, Action> observe)
{
    private readonly ConcurrentDictionary<string, Lazy<Assembly>> _loaded = new(StringComparer.Ordinal);

    /// <summary>Metrics ask often, and a loaded file does not change.</summary>
    private readonly ConcurrentDictionary<string, long> _sizes = new(StringComparer.Ordinal);

    /// <summary>The assembly of a plugin; loaded once, and again after a failure.</summary>
    public Assembly Load(string file)
    {
        var loading = _loaded.GetOrAdd(file, _ => new(() => LoadNow(file)));
        try
        {
            return loading.Value;
        }
        catch
        {
            // A Lazy keeps its exception; the operator may mend the folder before the next reload.
            _loaded.TryRemove(new(file, loading));
            throw;
        }
    }

    /// <summary>How many contexts each plugin folder has, and how many bytes of assemblies are loaded in them.</summary>
    public IReadOnlyDictionary<string, (int Count, long Bytes)> CountByFolder() => _loaded
        .Where(l => l.Value.IsValueCreated)
        .GroupBy(l => FolderOf(l.Key), StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => (g.Count(), g.Sum(l => SizeOf(l.Value.Value))));

    private long SizeOf(Assembly plugin) => AssemblyLoadContext.GetLoadContext(plugin)!.Assemblies
        .Where(a => !a.IsDynamic && a.Location.Length > 0)
        .Sum(a => _sizes.GetOrAdd(a.Location, static file => File.Exists(file) ? new FileInfo(file).Length : 0));

    private Assembly LoadNow(string file)
    {
        Assembly? assembly = null;
        observe(FolderOf(file), () => assembly = PluginLoader.CreateFromAssemblyFile(file, Configure).LoadDefaultAssembly());
        return assembly ?? throw new InvalidOperationException("The observer of plugin loads did not call the load.");
    }

    /// <summary>A plugin's assembly has the name of its folder.</summary>
    private static string FolderOf(string file) => Path.GetFileNameWithoutExtension(file);

    private static void Configure(PluginConfig config)
    {
        foreach (var name in SharedAssemblies.Names) config.SharedAssemblies.Add(new AssemblyName(name));

        // Not lazily, the loader would first load the whole closure of every shared assembly, or throw.
        config.IsLazyLoaded = true;
        config.PreferSharedTypes = false;

        // Collectible code is neither tiered nor precompiled: calls inside a plugin would cost several times as much.
        config.IsUnloadable = false;
    }
}
