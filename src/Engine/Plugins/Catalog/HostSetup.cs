using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Configuration and plugins, with all errors of both. No plugin code has run.</summary>
/// <param name="Loaded">The configuration.</param>
/// <param name="Catalog">The plugins.</param>
/// <param name="Errors">All errors; <see cref="Configuration"/> is not null when there are none.</param>
internal sealed record HostSetup(LoadResult Loaded, PluginCatalog Catalog, IReadOnlyList<ConfigurationError> Errors)
{
    /// <summary>The configuration; null when there are errors.</summary>
    public HostConfiguration? Configuration => Errors.Count == 0 ? Loaded.Draft : null;

    /// <summary>What an operator should know, and does not keep the host from starting.</summary>
    public IReadOnlyList<ConfigurationError> Warnings { get; init; } = [];

    /// <summary>The cache that the plugins are loaded from; null when they are read where they are.</summary>
    public PluginCache? Cache { get; init; }

    /// <summary>Whether code of the plugins may be run to check more.</summary>
    public bool IsTrusted { get; private init; }

    /// <summary>
    /// Begins on other threads what each start does, whatever its configuration: describing the settings, and inspecting the plugins that ship.
    /// Only for a process that is starting.
    /// </summary>
    public static void BeginAhead()
    {
        _ = Task.Run(static () => HostReader.Root);
        PluginInspector.InspectAhead(PluginsOf(HostPaths.Current));
    }

    /// <param name="path">The file of <c>--config</c>; null when it is not given.</param>
    /// <param name="environment">The environment variables.</param>
    /// <param name="arguments">Settings of the command line.</param>
    /// <param name="paths">The folders that relative paths start from; the process's unless given.</param>
    /// <param name="validateModel">Checks the options of the host's own chat clients.</param>
    /// <param name="cache">Where plugins are copied to and loaded from; null when none is loaded. The first good configuration decides its folder.</param>
    /// <param name="text">What is read instead of the file's text; null to read the file.</param>
    public static HostSetup Load(
        string? path,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<string> arguments,
        HostPaths? paths = null,
        Func<ModelConfiguration, IEnumerable<ConfigurationError>>? validateModel = null,
        PluginCache? cache = null,
        string? text = null)
    {
        paths ??= HostPaths.Current;
        var loaded = ConfigurationLoader.Load(path, environment, arguments, paths, text);
        var sources = new OptionSources(paths, environment);
        // A text comes with a request, which must not decide what code is copied or run.
        if (text is not null && !AllowSameCode(loaded.Draft, ConfigurationLoader.Load(path, environment, arguments, paths).Draft))
            return Read(loaded, sources, validateModel, cache: null) with { IsTrusted = false };
        if (cache is not { IsOpen: false }) return Read(loaded, sources, validateModel, cache);
        // A start that fails creates no files: plugins are copied when all else is right.
        var uncopied = Read(loaded, sources, validateModel, cache: null);
        if (uncopied.Errors.Count > 0) return uncopied;
        List<ConfigurationError> errors = [], warnings = [];
        if (!PluginCacheSetting.TryOpen(cache, loaded.Draft!.PluginLoading.Cache, paths, errors, warnings)) return uncopied with { Errors = errors };
        var setup = Read(loaded, sources, validateModel, cache);
        return setup with { Warnings = [.. setup.Warnings, .. warnings] };
    }

    /// <summary>The folder of the plugins that ship.</summary>
    private static string PluginsOf(HostPaths paths) => Path.Combine(paths.BaseDirectory, "plugins");

    private static bool AllowSameCode(HostConfiguration? one, HostConfiguration? other) =>
        one is not null && other is not null
        && one.PluginFolders.SequenceEqual(other.PluginFolders)
        && AreSame(one.PluginTrust.Sha256, other.PluginTrust.Sha256)
        && AreSame(one.PluginTrust.ConformanceKeys, other.PluginTrust.ConformanceKeys)
        && one.PluginTrust.WritableFolders == other.PluginTrust.WritableFolders;

    private static bool AreSame(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        one is null || other is null ? one == other : one.SequenceEqual(other);

    private static HostSetup Read(
        LoadResult loaded, OptionSources sources, Func<ModelConfiguration, IEnumerable<ConfigurationError>>? validateModel, PluginCache? cache)
    {
        var catalog = PluginCatalog.Discover(loaded.Draft?.PluginFolders ?? [PluginsOf(sources.Paths)], sources, cache, loaded.Draft);
        var trust = PluginTrust.Check(loaded.Draft?.PluginTrust ?? new(), catalog, loaded.Draft is { } used ? catalog.FindUsed(used) : []);
        List<ConfigurationError> errors = [.. loaded.Errors, .. trust.Errors];
        // A broken folder that nothing uses is set aside.
        var isNeeded = loaded.Draft is null || !catalog.HasAll(loaded.Draft);
        if (isNeeded) errors.AddRange(catalog.Errors);
        var aside = isNeeded ? [] : catalog.Errors.Select(e => e with { Message = $"{e.Message} Nothing uses it, so it is set aside." });
        if (loaded.Draft is { } draft)
        {
            errors.AddRange(catalog.Validate(draft));
            if (validateModel is not null)
                errors.AddRange(draft.Agents.Values.Where(a => a.Model.Plugin is null).SelectMany(a => validateModel(a.Model)));
        }

        var clashes = loaded.Draft is null ? [] : ToolClash.Find(catalog, loaded.Draft);
        return new(loaded, catalog, errors)
        {
            Cache = cache,
            IsTrusted = trust.Errors.Count == 0,
            Warnings = [.. loaded.Warnings, .. trust.Warnings, .. sources.Warnings, .. clashes, .. aside],
        };
    }
}
