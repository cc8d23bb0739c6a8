using System.Globalization;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <content>Backups of the database.</content>
internal sealed partial class Database
{
    private const string CopyName = "database.db";

    /// <summary>How many deletions are in progress.</summary>
    public int ErasuresWaiting => Volatile.Read(ref _erasures);

    /// <inheritdoc cref="IStoreBackup.BackUpAsync"/>
    public async ValueTask<IReadOnlyDictionary<string, long>> BackUpAsync(string folder, IProgress<double> progress, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path)) return new Dictionary<string, long>();
        // A host that serves owns the database already. The copy of one that does not keeps its schema.
        using var owner = _writer is null ? AcquireLock() : null;
        return await new DatabaseCopy(Path, () => ErasuresWaiting > 0)
            .WriteAsync(System.IO.Path.Combine(folder, CopyName), progress, cancellationToken);
    }

    /// <inheritdoc cref="IStoreBackup.RestoreAsync"/>
    public IReadOnlyDictionary<string, long> Restore(string folder, bool replace)
    {
        var copy = System.IO.Path.Combine(folder, CopyName);
        // A backup that was made before the first use holds no database.
        var hasCopy = File.Exists(copy);
        using var owner = AcquireLock();
        var counts = hasCopy ? DatabaseCopy.CheckToRestore(copy) : new Dictionary<string, long>();
        // SQLite would apply a log without its database to the restored file.
        var existing = DatabaseFile.FileSuffixes.Where(s => File.Exists(Path + s)).ToList();
        if (existing.Count > 0 && !replace)
            throw new StorageException($"'{Path}{existing[0]}' exists. To rename it and restore, use --replace.");
        var fresh = Path + ".restoring";
        if (hasCopy) CopyDurably(copy, fresh);
        var aside = $"{Path}.replaced-{_time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}";
        // The log first: a crash in between leaves the old database without its latest commits, and both beside each other.
        foreach (var suffix in existing.AsEnumerable().Reverse()) File.Move(Path + suffix, aside + suffix);
        if (hasCopy) File.Move(fresh, Path);
        new DamageMarker(Path).Remove();
        return counts;
    }

    private static void CopyDurably(string from, string to)
    {
        try
        {
            using var target = PrivateFiles.Open(to, FileMode.Create);
            using var source = File.OpenRead(from);
            source.CopyTo(target);
            target.Flush(flushToDisk: true);
        }
        catch
        {
            // A partial copy would keep the disk full.
            File.Delete(to);
            throw;
        }
    }
}
