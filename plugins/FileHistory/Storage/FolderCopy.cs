using System.Globalization;
using System.Text.Json;
using PluginHost.Files.Sessions;

namespace PluginHost.Files.Storage;

/// <summary>Copies all files of a store while it is in use, and puts a copy back.</summary>
internal sealed class FolderCopy(FileStore store)
{
    /// <inheritdoc cref="IStoreBackup.BackUpAsync"/>
    public async Task<IReadOnlyDictionary<string, long>> WriteAsync(string target, IProgress<double> progress, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(store.Folder)) return Count(target);
        using var owner = store.AcquireUnlessOpen();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var files = Find(store.Folder);
        foreach (var file in files.Where(f => f.EndsWith(SessionFiles.Extension, StringComparison.Ordinal)))
        {
            // The files of a session belong together: no run of it may be stored while they are copied.
            if (ReadKey(file) is not { } session) continue;
            using var history = await store.HistoryLocks.AcquireAsync(session, cancellationToken);
            using var record = await store.SessionLocks.AcquireAsync(session, cancellationToken);
            foreach (var part in Find(store.Folder, $"{FileName.From(session)}*")) Copy(part, target, done);
            progress.Report((double)done.Count / Math.Max(files.Count, done.Count));
        }

        // Histories whose sessions are in another store.
        foreach (var file in Find(store.Folder).Where(f => !done.Contains(f))) Copy(file, target, done);
        return Count(target);
    }

    /// <inheritdoc cref="IStoreBackup.RestoreAsync"/>
    public IReadOnlyDictionary<string, long> Restore(string source, bool replace, DateTimeOffset now)
    {
        var (fresh, existing) = (store.Folder + ".restoring", Directory.Exists(store.Folder));
        // A host that starts meanwhile is refused.
        using var owner = existing ? store.AcquireUnlessOpen() : null;
        if (existing && Find(store.Folder).Count > 0 && !replace)
            throw new StorageException($"The folder '{store.Folder}' holds data. To rename it and restore, use --replace.");
        if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
        try
        {
            PrivateFiles.CreateFolder(fresh, store.FileWriter, store.Logger);
            foreach (var file in Find(source)) Copy(file, source, fresh);
            // Windows does not rename a folder with an open file.
            if (OperatingSystem.IsWindows()) owner?.Dispose();
            if (existing) Directory.Move(store.Folder, $"{store.Folder}.replaced-{now.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}");
        }
        catch
        {
            // A partial copy would keep the disk full.
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
            throw;
        }

        Directory.Move(fresh, store.Folder);
        store.FileWriter.FlushFolder(Path.GetDirectoryName(store.Folder)!);
        return Count(store.Folder);
    }

    private static Dictionary<string, long> Count(string folder)
    {
        var files = Find(folder);
        return new(StringComparer.Ordinal)
        {
            ["sessions"] = files.Count(f => f.EndsWith(SessionFiles.Extension, StringComparison.Ordinal)),
            ["files"] = files.Count,
        };
    }

    /// <summary>All files of the store below a folder, without locks and unfinished ones.</summary>
    private static List<string> Find(string folder, string pattern = "*") =>
        !Directory.Exists(folder) ? [] :
        [
            .. Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
                .Where(f => Path.GetFileName(f) is not ['.', ..] && !f.EndsWith(DurableFileWriter.TemporaryExtension, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    private void Copy(string file, string target, HashSet<string> done)
    {
        if (!done.Add(file)) return;
        try
        {
            Copy(file, store.Folder, target);
        }
        catch (FileNotFoundException)
        {
            // The session was deleted during the copy.
        }
    }

    private void Copy(string file, string source, string target)
    {
        var path = Path.Combine(target, Path.GetRelativePath(source, file));
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!, store.FileWriter, store.Logger);
        using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var to = PrivateFiles.Open(path, FileMode.CreateNew, FileShare.None);
        from.CopyTo(to);
        // The order of explanations is that of their writes.
        File.SetLastWriteTimeUtc(to.SafeFileHandle, File.GetLastWriteTimeUtc(from.SafeFileHandle));
        to.Flush(flushToDisk: true);
    }

    /// <summary>The session of a file; null when the file cannot be read, and is then copied as it is.</summary>
    private static SessionKey? ReadKey(string file)
    {
        try
        {
            return RecordJson.ReadSession(File.ReadAllBytes(file)).Record.Key;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException or FileNotFoundException)
        {
            return null;
        }
    }
}
