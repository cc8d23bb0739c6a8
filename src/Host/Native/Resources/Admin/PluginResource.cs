using System.ComponentModel;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources.Admin;

internal sealed record PluginResource(
    [property: Description("Its name; of a folder that is broken, the folder's.")] string Name,
    [property: AllowedText("plugin")] string Object,
    [property: AllowedText("active", "unused", "broken"), Description("Whether an entry of the configuration uses it, or its folder cannot be used.")] string State,
    [property: Description("Where it is installed.")] string Folder,
    [property: Description("The entries that use it.")] IReadOnlyList<PluginUseResource> Uses,
    [property: Description("Its options with their defaults. One without a default must be given.")] IReadOnlyList<PluginOptionResource> Options)
{
    public string? Kind { get; init; }

    public string? Version { get; init; }

    [Description("The hash of all files of the plugin's folder, from which it was loaded.")]
    public string? Sha256 { get; init; }

    public string? SdkVersion { get; init; }

    [Description("What its author says of it.")]
    public string? Summary { get; init; }

    [Description("The number of the generation since which this build serves. Absent for one that is broken.")]
    public int? Generation { get; init; }

    [Description("What is wrong with the folder, and what to do. Absent when nothing is.")]
    public IReadOnlyList<string>? Errors { get; init; }

    [Description("The build that was given up because it failed too many runs, until the next reload.")]
    public PluginBuildResource? RolledBack { get; init; }

    /// <param name="plugin">The plugin.</param>
    /// <param name="setup">The setup that serves it.</param>
    /// <param name="generations">The last generations, the newest first.</param>
    public static PluginResource From(PluginDescriptor plugin, HostSetup setup, IReadOnlyList<Generation> generations)
    {
        var uses = PluginUseResource.Find(plugin.Name, setup).ToList();
        var serving = generations is [{ } newest, ..] ? newest : null;
        return new(
            plugin.Name, "plugin", uses.Count > 0 ? "active" : "unused", plugin.Folder, uses,
            [.. OptionRow.From(plugin.Options).Select(o => new PluginOptionResource(o.Name, o.Type, o.Default, o.Summary))])
        {
            Kind = PluginKind.Describe(plugin.Kinds),
            Version = plugin.Version,
            Sha256 = plugin.Sha256,
            SdkVersion = plugin.SdkVersion,
            Summary = plugin.Summary,
            Generation = (generations.FirstOrDefault(g => g.Changes.Any(c => c.Plugin == plugin.Name)) ?? (generations.Count > 0 ? generations[^1] : null))?.Number,
            Errors = ErrorsOf(plugin.Folder, setup),
            RolledBack = serving?.Cause == GenerationCause.Errors ? PluginBuildResource.From(serving.Changes.FirstOrDefault(c => c.Plugin == plugin.Name)?.From) : null,
        };
    }

    /// <summary>The folders that hold no plugin that can be used.</summary>
    public static IEnumerable<PluginResource> FindBroken(HostSetup setup)
    {
        var catalog = setup.Catalog;
        var good = catalog.Plugins.Select(p => p.Folder).ToHashSet(StringComparer.Ordinal);
        return catalog.Errors.Select(e => FolderOf(e.Path, catalog)).OfType<string>().Distinct().Where(f => !good.Contains(f))
            .Select(folder => new PluginResource(Path.GetFileName(folder), "plugin", "broken", folder, [], []) { Errors = ErrorsOf(folder, setup) });
    }

    private static List<string>? ErrorsOf(string folder, HostSetup setup) =>
        setup.Catalog.Errors.Where(e => FolderOf(e.Path, setup.Catalog) == folder).Select(e => $"{e.Message}{(e.Cure is null ? "" : $" {e.Cure}")}").ToList() is { Count: > 0 } errors ? errors : null;

    /// <summary>The plugin's folder that an error is about: the path is that folder, or a file in it.</summary>
    private static string? FolderOf(string path, PluginCatalog catalog)
    {
        if (catalog.Folders.FirstOrDefault(f => path.StartsWith(f + Path.DirectorySeparatorChar, StringComparison.Ordinal)) is not { } root) return null;
        var name = path[(root.Length + 1)..].Split(Path.DirectorySeparatorChar)[0];
        return Path.Combine(root, name);
    }
}

internal sealed record PluginUseResource(
    [property: Description("The agent; absent for the session store.")] string? Agent,
    [property: Description("The name of the entry.")] string Name,
    [property: Description("The entry in the configuration.")] string Path)
{
    public static IEnumerable<PluginUseResource> Find(string plugin, HostSetup setup)
    {
        if (setup.Loaded.Draft is not { } configuration) yield break;
        if (configuration.Sessions.Store is { } store && store.Plugin == plugin) yield return new(null, store.Name, store.Path);
        foreach (var agent in configuration.Agents.Values)
        {
            foreach (var entry in agent.Chain.Append(agent.Model.Plugin).OfType<Engine.Configuration.Model.PluginEntry>().Where(e => e.Plugin == plugin))
                yield return new(agent.Name, entry.Name, entry.Path);
        }
    }
}

internal sealed record PluginOptionResource(
    string Name,
    [property: Description("What it takes, with the range.")] string Type,
    string? Default,
    string? Description);
