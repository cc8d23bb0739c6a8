using Microsoft.Extensions.Logging;

namespace PluginHost.Files.Storage;

/// <summary>
/// One folder with its ownership lock, threads, session locks and indexes. Histories and session stores of all agents share it.
/// Thread-safe.
/// </summary>
internal sealed class FileStore : IDisposable
{
    private const int MaxThreads = 32;
    private const long MaxWindows = 32L << 20, MaxRecords = 16L << 20;

    private readonly TimeProvider _time;
    private readonly DiskThreadPool _threads = new(MaxThreads);
    private readonly Lock _recovery = new();
    private readonly SharedFlush _historyFlush;
    private readonly SharedFlush _sessionsFlush;
    private FolderLock? _lock;
    private volatile bool _isClosed = true;
    private bool _isReleased;
    private volatile bool _folderIsMissing;
    private volatile bool _isFailing;

    private FileStore(string folder, ILogger logger, TimeProvider time, DurableFileWriter fileWriter)
    {
        (Folder, Logger, _time, FileWriter) = (folder, logger, time, fileWriter);
        CorruptLines = new CorruptLines(logger);
        Explanations = new Files.Sessions.ExplanationFiles(this);
        _historyFlush = new SharedFlush(() => FileWriter.FlushFolder(HistoryFolder));
        _sessionsFlush = new SharedFlush(() => FileWriter.FlushFolder(SessionsFolder));
    }

    public string Folder { get; }

    public string HistoryFolder => Path.Combine(Folder, "history");

    public string SessionsFolder => Path.Combine(Folder, "sessions");

    public ILogger Logger { get; }

    public DurableFileWriter FileWriter { get; }

    public CorruptLines CorruptLines { get; }

    public SessionLocks HistoryLocks { get; } = new();

    public SessionLocks SessionLocks { get; } = new();

    public History.IndexCache HistoryIndexes { get; } = new();

    /// <summary>The newest messages of histories.</summary>
    public SessionCache<History.HistoryWindow> Windows { get; } = new(MaxWindows);

    /// <summary>The records of sessions.</summary>
    public SessionCache<Files.Sessions.CachedRecord> Records { get; } = new(MaxRecords);

    public Sessions.SessionIndex Sessions { get; } = new();

    public Sessions.ExplanationFiles Explanations { get; }

    public static FileStore Share(PluginContext context, string path, DurableFileWriter? fileWriter = null)
    {
        var folder = context.ResolvePath(path);
        return context.Share(folder, () => new FileStore(folder, context.Logger, context.TimeProvider, fileWriter ?? new DurableFileWriter()));
    }

    /// <summary>Makes new files of histories durable, together with those of others that wait for the same.</summary>
    public void FlushHistoryFolder() => _historyFlush.Run();

    /// <summary>The same for files of sessions.</summary>
    public void FlushSessionsFolder() => _sessionsFlush.Run();

    /// <summary>Runs blocking work on a disk thread. An error names the operation and its target.</summary>
    public Task<T> RunAsync<T>(string operation, string target, Func<T> work) => _threads.RunAsync(() => Run(operation, target, work));

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(string operation, string target, Action work) => RunAsync(operation, target, () =>
    {
        work();
        return true;
    });

    /// <summary>Runs work on the caller's thread. Only for data in memory. An error names the operation and its target.</summary>
    public T Run<T>(string operation, string target, Func<T> work)
    {
        try
        {
            if (_isClosed) Open();
            if (_folderIsMissing) Recover();
            return work();
        }
        catch (DirectoryNotFoundException e)
        {
            _folderIsMissing = true;
            throw new StorageException(
                $"Could not {operation} '{target}': the folder '{Folder}' or one of its subfolders is missing. Restore the folder.", e);
        }
        catch (InvalidDataException e)
        {
            // The error affects one session, so the store stays healthy.
            throw new StorageException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _isFailing = true;
            throw new StorageException($"Could not {operation} '{target}' in '{Folder}': {e.Message} Remove the cause.", e);
        }
    }

    /// <returns>Healthy, or cause and remedy. After a failure, each call tries to write a file.</returns>
    public async ValueTask<PluginHealth> CheckHealthAsync()
    {
        if (!_folderIsMissing && !_isFailing && Directory.Exists(HistoryFolder) && Directory.Exists(SessionsFolder)) return PluginHealth.Healthy;
        try
        {
            await RunAsync("write", "probe" + DurableFileWriter.TemporaryExtension, WriteProbe);
            _isFailing = false;
            return PluginHealth.Healthy;
        }
        catch (StorageException e)
        {
            return PluginHealth.Unhealthy(e.Message);
        }
    }

    /// <summary>Takes the folder; has no effect when this store has it. The first use of the store does it too.</summary>
    /// <exception cref="InvalidOperationException">Another host, or another version of the plugin, owns the folder.</exception>
    public void Acquire()
    {
        lock (_recovery)
        {
            _isReleased = false;
            Open();
        }
    }

    /// <summary>Gives the folder up. Nothing of it is kept in memory, because another version of the plugin may change it.</summary>
    public void Release()
    {
        lock (_recovery)
        {
            _isClosed = _isReleased = true;
            _lock?.Dispose();
            Windows.Clear();
            Records.Clear();
            HistoryIndexes.Clear();
            Sessions.Clear();
            Explanations.Clear();
        }
    }

    public void Dispose() => _lock?.Dispose();

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Takes the lock of the existing folder when this store does not have it.</summary>
    /// <exception cref="InvalidOperationException">Another host owns the folder.</exception>
    public IDisposable? AcquireUnlessOpen()
    {
        lock (_recovery) return _isClosed ? FolderLock.Acquire(Folder, Now) : null;
    }

    private void WriteProbe()
    {
        foreach (var folder in (string[])[HistoryFolder, SessionsFolder])
        {
            var path = Path.Combine(folder, "probe" + DurableFileWriter.TemporaryExtension);
            FileWriter.Replace(path, file => FileWriter.Write(file, "probe"u8, 0));
            File.Delete(path);
        }
    }

    private void Open()
    {
        lock (_recovery)
        {
            if (!_isClosed) return;
            if (_isReleased) throw new StorageException($"The folder '{Folder}' was handed over to another version of this plugin. Try again.");
            _lock = AcquireFolder(create: true);
            _isClosed = false;
        }
    }

    private FolderLock AcquireFolder(bool create)
    {
        if (!create && !Directory.Exists(Folder)) throw new DirectoryNotFoundException($"'{Folder}' does not exist.");
        foreach (var folder in (string[])[Folder, HistoryFolder, SessionsFolder]) PrivateFiles.CreateFolder(folder, FileWriter, Logger);
        var acquired = FolderLock.Acquire(Folder, _time.GetUtcNow());
        try
        {
            RemoveTemporaryFiles(HistoryFolder);
            RemoveTemporaryFiles(SessionsFolder);
            FileWriter.FlushFolder(Folder);
            return acquired;
        }
        catch
        {
            acquired.Dispose();
            throw;
        }
    }

    /// <summary>Removes the temporary files of a crashed host, because they may hold deleted content.</summary>
    private void RemoveTemporaryFiles(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*" + DurableFileWriter.TemporaryExtension))
        {
            File.Delete(path);
            Log.LeftoverRemoved(Logger, path);
        }
    }

    /// <summary>
    /// Locks and indexes the folder again, because its content may have changed. Does not create the folder: a later mount of the
    /// volume would hide what was stored in it.
    /// </summary>
    private void Recover()
    {
        lock (_recovery)
        {
            if (!_folderIsMissing) return;
            _lock?.Dispose();
            _lock = AcquireFolder(create: false);
            Windows.Clear();
            Records.Clear();
            HistoryIndexes.Clear();
            Sessions.Clear();
            Explanations.Clear();
            _folderIsMissing = false;
        }

        Log.FolderRecovered(Logger, Folder);
    }
}
