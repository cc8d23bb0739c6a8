using System.Reflection;
using System.Security.Cryptography;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Sessions.Backup;

/// <summary>Copies the data of all stores of a configuration into a folder, and puts it back. One at a time. Thread-safe.</summary>
internal sealed class StoreBackup(PluginCaller caller)
{
    private static readonly string Version =
        typeof(StoreBackup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private int _isBusy;
    private double _progress;

    /// <summary>How much of the copy in progress is done, from 0 to 1; null when there is none.</summary>
    public double? Progress => Volatile.Read(ref _isBusy) == 0 ? null : Volatile.Read(ref _progress);

    /// <summary>Copies all stores into a private folder, which is created.</summary>
    /// <exception cref="ProblemException">Another copy is in progress, or a store cannot be copied.</exception>
    /// <exception cref="PluginException">A store failed.</exception>
    public async Task<BackupManifest> CopyAsync(IReadOnlyList<PluginInstance> plugins, string folder, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isBusy, 1) == 1) throw Refused("Another backup is in progress. Wait until it has ended.");
        try
        {
            Volatile.Write(ref _progress, 0);
            var stores = await FindAsync(plugins, cancellationToken);
            if (stores.Count == 0) throw Refused("There is nothing to back up: sessions are kept in memory (Sessions:Store).");
            var (createdAt, copies) = (caller.Time.GetUtcNow(), new List<BackedUpStore>());
            foreach (var store in stores)
                copies.Add(await CopyAsync(store, $"store-{copies.Count + 1}", folder, new Part(this, copies.Count, stores.Count), cancellationToken));
            return new BackupManifest(BackupManifest.CurrentFormat, Version, createdAt, copies);
        }
        finally
        {
            Volatile.Write(ref _isBusy, 0);
        }
    }

    /// <summary>Puts all stores of a backup back. The plugins must not have been started.</summary>
    /// <exception cref="ProblemException">The configuration has other stores than the backup. Nothing was changed.</exception>
    /// <exception cref="PluginException">A store failed; those before it are restored, and their old data is kept beside them.</exception>
    public async Task RestoreAsync(
        IReadOnlyList<PluginInstance> plugins, BackupManifest manifest, string folder, bool replace, CancellationToken cancellationToken)
    {
        var stores = await FindAsync(plugins, cancellationToken);
        var pairs = manifest.Stores.Select(copy => (Copy: copy, Store: FindFor(copy, stores, manifest.Stores))).ToList();
        foreach (var (copy, store) in pairs)
        {
            var restored = await caller.CallUnobservedAsync(
                new PluginCall(store.Plugin, HostOperation.StoreRestore) { Timeout = Timeout.InfiniteTimeSpan },
                (store.Plugin.Backup, Path: Path.Combine(folder, copy.Folder), replace),
                static (s, ct) => s.Backup!.RestoreAsync(s.Path, s.replace, ct),
                cancellationToken);
            if (!restored.OrderBy(c => c.Key).SequenceEqual(copy.Counts.OrderBy(c => c.Key)))
                throw Refused($"'{store.Resource}' holds other counts after the restore than the backup.");
        }
    }

    private async Task<BackedUpStore> CopyAsync(Store store, string name, string folder, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, name);
        PrivateCopy.CreateFolder(path);
        var counts = await caller.CallUnobservedAsync(
            new PluginCall(store.Plugin, HostOperation.StoreBackup) { Timeout = Timeout.InfiniteTimeSpan },
            (store.Plugin.Backup, path, progress),
            static (s, ct) => s.Backup!.BackUpAsync(s.path, s.progress, ct),
            cancellationToken);
        var files = new List<BackedUpFile>();
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            await using var stream = File.OpenRead(file);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
            files.Add(new(Path.GetRelativePath(path, file).Replace('\\', '/'), stream.Length, hash));
        }

        return new(name, store.Plugin.Entry.Plugin, store.Resource, counts, files);
    }

    /// <summary>One instance for each resource.</summary>
    private async Task<List<Store>> FindAsync(IReadOnlyList<PluginInstance> plugins, CancellationToken cancellationToken)
    {
        if (plugins.FirstOrDefault(p => (p.SessionStore ?? (object?)p.History) is not null && p.Backup is null) is { } other)
            throw Refused($"The plugin '{other.Entry.Plugin}' cannot be backed up. Use the tools of its store.");
        var stores = new List<Store>();
        foreach (var plugin in plugins.Where(p => p.Backup is not null))
        {
            stores.Add(new(plugin, await caller.CallUnobservedAsync(
                new PluginCall(plugin, HostOperation.StoreBackup), plugin.Backup, static (b, _) => new ValueTask<string>(b!.Resource), cancellationToken)));
        }

        return [.. stores.DistinctBy(s => (s.Plugin.Descriptor?.File, s.Resource))];
    }

    /// <summary>The store of a copy: the one with its resource, else the only one of its plugin's file, as after a move.</summary>
    private static Store FindFor(BackedUpStore copy, List<Store> stores, IReadOnlyList<BackedUpStore> copies)
    {
        var same = stores.Where(s => s.Plugin.Entry.Plugin == copy.Plugin).ToList();
        return same.Find(s => s.Resource == copy.Resource)
            ?? (same.Count == 1 && copies.Count(c => c.Plugin == copy.Plugin) == 1 ? same[0] : null)
            ?? throw Refused(
                $"The backup holds '{copy.Resource}' of the plugin '{copy.Plugin}', and the configuration has no such store. Restore it with the configuration that it was made with.");
    }

    private static ProblemException Refused(string why) => new(ProblemTypes.BackupRefused, why);

    /// <summary>One instance of a store, and what it copies.</summary>
    private sealed record Store(PluginInstance Plugin, string Resource);

    private sealed class Part(StoreBackup owner, int index, int count) : IProgress<double>
    {
        public void Report(double value) => Volatile.Write(ref owner._progress, (index + Math.Clamp(value, 0, 1)) / count);
    }
}
