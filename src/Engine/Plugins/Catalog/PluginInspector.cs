using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Reads plugin folders, and each of them once as long as its files do not change. Folders may be inspected at the same time.</summary>
internal sealed class PluginInspector(OptionSources sources)
{
    // Reading metadata is what a start and a reload would spend most of their time on.
    private static readonly ConditionalWeakTable<PluginCopy, IReadOnlyList<PluginDescriptor>> Known = [];
    private static readonly ConcurrentDictionary<string, (string Stamp, IReadOnlyList<PluginDescriptor> Plugins)> KnownInPlace = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, Task> Ahead = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, IReadOnlyList<PluginDescriptor>> _unchanged = new(StringComparer.Ordinal);

    /// <summary>Starts to inspect the plugin folders in a folder on other threads. Only for a process that is starting, because files are read in place.</summary>
    public static void InspectAhead(string folder)
    {
        var inspector = new PluginInspector(OptionSources.None);
        try
        {
            if (!Directory.Exists(folder)) return;
            foreach (var plugin in PluginFolder.FindIn(folder)) Ahead[plugin] = Task.Run(() => inspector.InspectNew(new PluginFolder(plugin)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The catalog reports a folder that cannot be read.
        }
    }

    /// <summary>
    /// The plugins of a folder that was read where it is and has not changed; null for any other. A running host does not read a folder in place
    /// again: a file that is written over while it is mapped ends the process.
    /// </summary>
    public IReadOnlyList<PluginDescriptor>? FindUnchanged(string folder)
    {
        // Decided once: a folder that changes after that waits for the next reload.
        if (_unchanged.TryGetValue(folder, out var plugins)) return plugins;
        return FindInPlace(folder) is { } found ? _unchanged[folder] = found : null;
    }

    /// <summary>The valid plugins of a folder, and the errors of the others. Files without an error are read once.</summary>
    public (IReadOnlyList<PluginDescriptor> Plugins, IReadOnlyList<ConfigurationError> Errors) Inspect(PluginFolder folder)
    {
        var known = folder.Copy is { } copy ? FindKnown(folder, copy) : FindUnchanged(folder.Folder);
        return known is null ? InspectNew(folder) : ([.. known.Select(p => p with { Sources = sources })], []);
    }

    private static IReadOnlyList<PluginDescriptor>? FindKnown(PluginFolder folder, PluginCopy copy)
    {
        if (Known.TryGetValue(copy, out var known)) return known;
        // The first read of a start is in place. The stamp does not show a change that keeps names, lengths and times; a known hash does.
        if (FindInPlace(folder.Folder) is not { } before || before.Any(p => p.Hash.IsValueCreated && p.Hash.Value != copy.Sha256)) return null;
        var sha256 = new Lazy<string>(copy.Sha256);
        if (KnownInPlace.TryGetValue(folder.Folder, out var inPlace)) KnownInPlace[folder.Folder] = (inPlace.Stamp, [.. before.Select(p => p with { Hash = sha256 })]);
        return Known.GetValue(copy, _ => [.. before.Select(p => p with { Image = folder.Image, Hash = sha256 })]);
    }

    private static IReadOnlyList<PluginDescriptor>? FindInPlace(string folder)
    {
        if (Ahead.TryRemove(folder, out var inspection)) inspection.Wait();
        return KnownInPlace.TryGetValue(folder, out var known) && known.Stamp == FolderStamp.TryRead(folder) ? known.Plugins : null;
    }

    private (IReadOnlyList<PluginDescriptor> Plugins, IReadOnlyList<ConfigurationError> Errors) InspectNew(PluginFolder folder)
    {
        var stamp = folder.Copy is null ? FolderStamp.TryRead(folder.Folder) : null;
        var inspection = new FolderInspection(folder, sources, stamp);
        var found = inspection.Run();
        if (inspection.Errors.Count > 0) return (found, inspection.Errors);
        if (folder.Copy is { } copy) Known.AddOrUpdate(copy, found);
        // Not a folder that changed meanwhile.
        else if (stamp is not null && stamp == FolderStamp.TryRead(folder.Folder)) KnownInPlace[folder.Folder] = (stamp, found);
        return (found, []);
    }
}
