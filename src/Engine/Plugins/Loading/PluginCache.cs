namespace PluginHost.Engine.Plugins.Loading;

/// <summary>
/// Copies of plugin folders, each below the hash of its files. Plugins are loaded from here and never from their own folder: the
/// runtime keeps images by their path, and a file that is overwritten while it is mapped ends the process. Several hosts may use
/// one cache. Thread-safe.
/// </summary>
internal sealed class PluginCache : IDisposable
{
    private const string LockFile = ".lock", Unfinished = ".new-";
    private const int Attempts = 5;

    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileStream> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PluginCopy> _copies = new(StringComparer.Ordinal);
    private string? _folder;
    private bool _isTemporary;

    /// <summary>The folder of the copies, once it is open.</summary>
    public string Folder => _folder ?? throw new InvalidOperationException("The cache is not open.");

    public bool IsOpen => _folder is not null;

    /// <summary>Opens the cache in a folder, which is created.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written, or belongs to another user.</exception>
    public void Open(string folder)
    {
        PrivateCopy.CreateFolder(folder);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            throw new IOException("Other users can write it.");
        // A folder on a read-only file system may exist.
        FileLock.TryTake(Path.Combine(folder, LockFile))?.Dispose();
        _folder = folder;
    }

    /// <summary>Opens a cache that is deleted with the process.</summary>
    /// <exception cref="IOException">There is no place for temporary files.</exception>
    /// <exception cref="UnauthorizedAccessException">The same for rights.</exception>
    public void OpenTemporary() => (_folder, _isTemporary) = (Directory.CreateTempSubdirectory("pluginhost-plugins-").FullName, true);

    /// <summary>Copies a plugin's folder unless there is a copy with the same files. The copy stays as long as this cache is open.</summary>
    /// <returns>The same object as before when the files have not changed.</returns>
    /// <exception cref="IOException">The folder cannot be read, its files keep changing, or the cache cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same for rights.</exception>
    public PluginCopy Add(string folder)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (TryAdd(folder) is { } copy) return Keep(folder, copy);
                if (attempt == Attempts) throw new IOException("its files keep changing.");
            }
            catch (IOException e) when (attempt < Attempts && e is FileNotFoundException or DirectoryNotFoundException && Directory.Exists(folder))
            {
                // A file was renamed between the list and the copy.
            }

            Task.Delay(Pause, TimeProvider.System).Wait();
        }
    }

    /// <summary>Deletes the copies that no process uses.</summary>
    public void Collect()
    {
        lock (_lock)
        {
            using var turn = Enter();
            foreach (var folder in Directory.GetDirectories(Folder))
            {
                // Only copies: the folder may hold what is not the host's.
                if (!IsCopy(Path.GetFileName(folder))) continue;
                if (_held.ContainsKey(Path.GetFileName(folder))) continue;
                if (FileLock.TryTake(Path.Combine(folder, LockFile)) is not { } unused) continue;
                // Windows deletes no open file, and a copy cannot be taken without the cache's lock.
                unused.Dispose();
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var held in _held.Values) held.Dispose();
            _held.Clear();
        }

        if (_isTemporary) PrivateCopy.TryDelete(Folder);
    }

    private static bool IsCopy(string name) => name.Length == 64 && name.All(char.IsAsciiHexDigitLower);

    private PluginCopy Keep(string folder, PluginCopy copy)
    {
        lock (_lock)
        {
            if (_copies.TryGetValue(folder, out var known) && known == copy) return known;
            return _copies[folder] = copy;
        }
    }

    /// <returns>Null when the files changed meanwhile.</returns>
    private PluginCopy? TryAdd(string folder)
    {
        var hash = FolderFiles.Identify(folder);
        lock (_lock)
        {
            using var turn = Enter();
            Hold(hash);
            var copy = Path.Combine(Folder, hash, Path.GetFileName(folder));
            if (Directory.Exists(copy) && FolderFiles.Identify(copy) == hash) return new(copy, hash);

            var fresh = Path.Combine(Folder, hash, Unfinished + Guid.NewGuid().ToString("N"));
            try
            {
                PrivateCopy.CopyFolder(folder, fresh);
                if (FolderFiles.Identify(fresh) != hash)
                {
                    // An older copy of the same files keeps its lock.
                    if (!Directory.Exists(copy) && _held.Remove(hash, out var held)) held.Dispose();
                    return null;
                }

                // Not the host's work: a disk error, or a plugin that writes into its folder.
                if (Directory.Exists(copy)) Directory.Move(copy, Path.Combine(Folder, hash, $".changed-{Guid.NewGuid():N}"));
                Directory.Move(fresh, copy);
                return new(copy, hash);
            }
            finally
            {
                if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
            }
        }
    }

    private void Hold(string hash)
    {
        if (_held.ContainsKey(hash)) return;
        PrivateCopy.CreateFolder(Path.Combine(Folder, hash));
        _held[hash] = FileLock.Share(Path.Combine(Folder, hash, LockFile));
    }

    private FileStream Enter() => FileLock.Take(Path.Combine(Folder, LockFile), LockTimeout);
}
