using Microsoft.Extensions.Logging;

namespace PluginHost.Files.Storage;

/// <summary>
/// One folder and all that its users share: the ownership, the threads, the locks and what is known of the files. Shared by
/// history and sessions of all agents. Thread-safe.
/// </summary>
internal sealed class FileStore : IDisposable
{
    private const int MaxThreads = 32;

    private readonly TimeProvider _time;
    private readonly DiskThreads _threads = new(MaxThreads);
    private readonly Lock _ownership = new();
    private FolderLock _lock;
    private volatile bool _lost;
    private volatile bool _isFailing;

    private FileStore(string folder, ILogger logger, TimeProvider time, Disk disk)
    {
        (Folder, Logger, _time, Disk) = (folder, logger, time, disk);
        Corrupt = new CorruptLines(logger);
        _lock = Own(create: true);
    }

    public string Folder { get; }

    public string HistoryFolder => Path.Combine(Folder, "history");

    public string SessionsFolder => Path.Combine(Folder, "sessions");

    public ILogger Logger { get; }

    public Disk Disk { get; }

    public CorruptLines Corrupt { get; }

    public SessionGates HistoryGates { get; } = new();

    public SessionGates SessionGates { get; } = new();

    public History.IndexCache HistoryIndexes { get; } = new();

    public Sessions.SessionIndex Sessions { get; } = new();

    /// <exception cref="InvalidOperationException">Another host owns the folder.</exception>
    public static FileStore Open(IPluginContext context, string path, Disk? disk = null)
    {
        var folder = context.ResolvePath(path);
        return context.Share(folder, () => new FileStore(folder, context.Logger, context.TimeProvider, disk ?? new Disk()));
    }

    /// <summary>Does what waits for the disk, on a thread for that. Errors say what was tried and where.</summary>
    public Task<T> RunAsync<T>(string what, SessionKey session, Func<T> work) => _threads.RunAsync(() => Run(what, session.Id, work));

    /// <summary>The same on the caller's thread, for reads.</summary>
    public T Run<T>(string what, string session, Func<T> work)
    {
        try
        {
            if (_lost) Recover();
            return work();
        }
        catch (DirectoryNotFoundException e)
        {
            _lost = true;
            throw new StorageException(
                $"Could not {what} '{session}': the folder '{Folder}' or a folder in it is gone. Nothing was stored. It is used again as soon as it is back.", e);
        }
        catch (InvalidDataException e)
        {
            // One session's trouble, not the folder's.
            throw new StorageException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _isFailing = true;
            throw new StorageException($"Could not {what} '{session}' in '{Folder}': {e.Message} Nothing was stored; it works again when the cause is gone.", e);
        }
    }

    /// <returns>Null when all is well; else cause and cure. After a failure it writes a file, so that nobody else has to.</returns>
    public async ValueTask<string?> CheckHealthAsync()
    {
        if (!_lost && !_isFailing && Directory.Exists(HistoryFolder) && Directory.Exists(SessionsFolder)) return null;
        try
        {
            _isFailing = !await RunAsync("write a file for", new SessionKey("", "a check"), Probe);
            return null;
        }
        catch (StorageException e)
        {
            return e.Message;
        }
    }

    public void Dispose() => _lock.Dispose();

    private bool Probe()
    {
        foreach (var folder in (string[])[HistoryFolder, SessionsFolder])
        {
            var path = Path.Combine(folder, "probe" + Disk.Temporary);
            Disk.Replace(path, file => Disk.Write(file, "probe"u8, 0));
            File.Delete(path);
        }

        return true;
    }

    private FolderLock Own(bool create)
    {
        if (!create && !Directory.Exists(Folder)) throw new DirectoryNotFoundException($"'{Folder}' does not exist.");
        Directory.CreateDirectory(HistoryFolder);
        Directory.CreateDirectory(SessionsFolder);
        var owned = FolderLock.Acquire(Folder, _time.GetUtcNow());
        try
        {
            RemoveLeftovers(HistoryFolder);
            RemoveLeftovers(SessionsFolder);
            Disk.FlushFolder(Folder);
            return owned;
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>A file that was being written when the host crashed holds what was about to be replaced or deleted.</summary>
    private void RemoveLeftovers(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*" + Disk.Temporary))
        {
            File.Delete(path);
            Log.LeftoverRemoved(Logger, path);
        }
    }

    /// <summary>
    /// A folder that was gone may be another one now, so it is owned anew and read anew. It is not made anew: an empty folder
    /// where a volume should be mounted would swallow what is stored meanwhile.
    /// </summary>
    private void Recover()
    {
        lock (_ownership)
        {
            if (!_lost) return;
            _lock.Dispose();
            _lock = Own(create: false);
            HistoryIndexes.Clear();
            Sessions.Clear();
            _lost = false;
        }

        Log.FolderIsBack(Logger, Folder);
    }
}
