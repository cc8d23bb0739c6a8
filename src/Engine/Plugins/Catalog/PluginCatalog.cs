using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>The plugins that were found, read from metadata: no plugin code has run. Immutable.</summary>
internal sealed class PluginCatalog(IReadOnlyList<string> folders, IReadOnlyList<PluginDescriptor> plugins, IReadOnlyList<ConfigurationError> errors)
{
    private static readonly TimeSpan IdentifyDelay = TimeSpan.FromSeconds(5);

    /// <summary>The names that several folders define.</summary>
    private HashSet<string> DuplicateNames { get; init; } = [];

    /// <summary>The folders that were searched.</summary>
    public IReadOnlyList<string> Folders { get; } = folders;

    /// <summary>The plugin folders in them, valid or broken.</summary>
    public IReadOnlyList<PluginFolder> PluginFolders { get; private init; } = [];

    /// <summary>The valid plugins, by name.</summary>
    public IReadOnlyList<PluginDescriptor> Plugins { get; } = plugins;

    /// <summary>The errors of the others. They count when the configuration names a plugin that is not there, or is there twice.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; } = errors;

    /// <summary>Inspects every folder in each of the folders; one that does not exist holds none.</summary>
    /// <param name="folders">The folders.</param>
    /// <param name="sources">What options of the plugins may refer to; nothing unless given.</param>
    /// <param name="cache">Where plugins are copied to before anything is read; null to read them where they are, without loading them.</param>
    /// <param name="configuration">The configuration whose plugins are copied. Others are only copied when they have changed since they were read.</param>
    public static PluginCatalog Discover(
        IReadOnlyList<string> folders, OptionSources? sources = null, PluginCache? cache = null, HostConfiguration? configuration = null)
    {
        var errors = new List<ConfigurationError>();
        var plugins = new SortedDictionary<string, PluginDescriptor>(StringComparer.Ordinal);
        var inspector = new PluginInspector(sources ?? OptionSources.None);
        var duplicates = new HashSet<string>(StringComparer.Ordinal);
        var used = configuration?.Entries.Select(e => e.Plugin).ToHashSet(StringComparer.Ordinal) ?? [];
        var pluginFolders = folders.Where(Directory.Exists).SelectMany(f => FindPlugins(f, errors))
            .Select(f => Open(f, cache, inspector, used, errors)).OfType<PluginFolder>().ToList();
        // Each folder takes milliseconds to read.
        var inspections = Task.WhenAll(pluginFolders.Select(f => Task.Run(() => inspector.Inspect(f)))).GetAwaiter().GetResult();
        foreach (var inspection in inspections)
        {
            errors.AddRange(inspection.Errors);
            foreach (var plugin in inspection.Plugins)
            {
                if (plugins.TryAdd(plugin.Name, plugin)) continue;
                errors.Add(PluginErrors.Duplicate(plugin, plugins[plugin.Name]));
                duplicates.Add(plugin.Name);
            }
        }

        return new(folders, [.. plugins.Values], errors) { PluginFolders = pluginFolders, DuplicateNames = duplicates };
    }

    /// <summary>Whether each plugin that a configuration names is there once. Then nothing depends on the folders that are broken.</summary>
    public bool HasAll(HostConfiguration configuration) =>
        // The section Plugins takes names in any case; plugins have them in lower case.
        configuration.Entries.Select(e => e.Plugin).Concat(configuration.Plugins.Keys.Select(k => k.ToLowerInvariant()))
            .All(name => Find(name) is not null && !DuplicateNames.Contains(name));

    /// <summary>The plugins that are there and that a configuration uses.</summary>
    public IEnumerable<PluginDescriptor> FindUsed(HostConfiguration configuration) =>
        configuration.Entries.Select(e => e.Plugin).Distinct().Select(Find).OfType<PluginDescriptor>();

    /// <summary>The plugin with a name; null when there is none.</summary>
    public PluginDescriptor? Find(string name) => Plugins.FirstOrDefault(p => p.Name == name);

    /// <summary>Computes the hashes that have not been computed yet: after a change of the files they are lost.</summary>
    public void Identify()
    {
        foreach (var plugin in Plugins) _ = plugin.Sha256;
    }

    /// <summary>The same some seconds after a start, which does not wait for it. Plugins in use have the hashes of their copies.</summary>
    public async Task IdentifyLaterAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        await Task.Delay(IdentifyDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested) Identify();
    }

    /// <summary>Checks a configuration against the plugins: names, kinds, options, and what depends on kinds.</summary>
    public IReadOnlyList<ConfigurationError> Validate(HostConfiguration configuration) =>
        new PluginConfigurationValidator(this).Validate(configuration);

    private static PluginFolder? Open(string folder, PluginCache? cache, PluginInspector inspector, HashSet<string> used, List<ConfigurationError> errors)
    {
        var original = new PluginFolder(folder);
        // Without its assembly it is no plugin, and may hold anything.
        if (cache is null || !File.Exists(original.File)) return original;
        if (inspector.FindUnchanged(folder) is { } plugins && !plugins.Any(p => used.Contains(p.Name))) return original;
        try
        {
            return new PluginFolder(folder, cache.Add(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(PluginErrors.NotCopied(folder, e.Message));
            return null;
        }
    }

    private static IEnumerable<string> FindPlugins(string folder, List<ConfigurationError> errors)
    {
        try
        {
            return [.. PluginFolder.FindIn(folder).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(PluginErrors.Unreadable(folder, e.Message));
            return [];
        }
    }
}
