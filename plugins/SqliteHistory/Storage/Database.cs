using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>
/// One database file that all histories and session stores with the same path share. Opened on first use or at start, and owned
/// until it is disposed. Thread-safe.
/// </summary>
internal sealed partial class Database(string path, ILogger logger, TimeProvider? time = null) : IAsyncDisposable
{
    private static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private DatabaseHealth _health = new(path, logger);
    private readonly Lock _lock = new();
    private OwnerLock? _owner;
    private ReaderPool? _readers;
    private DatabaseWriter? _writer;
    private LogTruncation? _truncation;
    private int _erasures;
    private bool _setsAside;
    private bool _isReleased;
    private bool _isDisposed;

    public string Path { get; } = path;

    /// <summary>The time to wait while another program locks the file. Default: 5 seconds.</summary>
    public TimeSpan BusyTimeout { get; init; } = DefaultBusyTimeout;

    public WindowCache Windows { get; } = new();

    public LruCache<SessionKey, CachedSession> Sessions { get; } = new();

    public ReaderPool Readers => _readers ?? Open().Readers;

    public DatabaseWriter Writer => _writer ?? Open().Writer;

    /// <inheritdoc cref="LogTruncation.Truncations"/>
    public long Truncations => _truncation?.Truncations ?? 0;

    /// <summary>Gets the database of an entry's options, the same object for all entries on the same file.</summary>
    public static Database Share(SqliteHistoryOptions options, PluginContext context)
    {
        var path = System.IO.Path.GetFullPath(context.ResolvePath(options.Path));
        // Resolve links, so that two paths of one file share one database and one owner lock.
        if (new FileInfo(path) is { LinkTarget: not null } link) path = link.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        var database = context.Share(path, () => new Database(path, context.Logger, context.TimeProvider));
        var bytes = options.CacheMegabytes * 1024L * 1024L;
        // Sessions need much less memory than their messages.
        database.Windows.RaiseCapacity(bytes / 4 * 3);
        database.Sessions.RaiseCapacity(bytes / 4);
        database._setsAside |= options.SetsAside;
        return database;
    }

    /// <summary>Acquires the file, opens it and creates or migrates its tables. Has no effect on an open database.</summary>
    /// <exception cref="SqliteStoreException">Another host owns the file, or the file cannot be used.</exception>
    public Database Open()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_writer is not null) return this;
            if (_isReleased) throw new SqliteStoreException($"The database '{Path}' was handed over to another version of this plugin. Try again.");
            var owner = AcquireLock();
            try
            {
                PrivateFiles.CreateDatabase(Path, logger);
                var file = new DatabaseFile(Path, BusyTimeout, _time, logger);
                var connection = file.Open(_setsAside);
                var background = ConnectBackground(file, connection);
                // What was damaged may have been repaired since.
                _health = new DatabaseHealth(Path, logger);
                _readers = new ReaderPool(Path, BusyTimeout, _health, logger);
                var writer = new DatabaseWriter(connection, file.Connect, background, Path, _health, logger);
                _truncation = new LogTruncation(Path, writer, background, _readers, BusyTimeout, _time, logger);
                writer.LogIsLarge = _truncation.Begin;
                _writer = writer;
                _owner = owner;
                return this;
            }
            catch (Exception exception)
            {
                owner.Dispose();
                if (SqliteStoreException.From(exception, Path) is SqliteStoreException known && known != exception) throw known;
                throw;
            }
        }
    }

    /// <summary>Makes a change that erases content, and waits until no byte of it is left in the log.</summary>
    /// <exception cref="SqliteStoreException">The change failed, or another program keeps reading the old content.</exception>
    public async Task EraseAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        // A copy in progress ends its snapshot, which would keep the content in the log.
        Interlocked.Increment(ref _erasures);
        try
        {
            var (writer, truncation) = OpenToErase();
            await writer.WriteAsync(request, cancellationToken);
            await truncation.EraseAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _erasures);
        }
    }

    /// <summary>Gets both under the lock, because another thread may close the database.</summary>
    private (DatabaseWriter Writer, LogTruncation Truncation) OpenToErase()
    {
        lock (_lock)
        {
            Open();
            return (_writer!, _truncation!);
        }
    }

    /// <returns>Healthy, or cause and remedy. After a failed commit, each call tries a commit.</returns>
    public async ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        if (_health.Damage is { } damage) return PluginHealth.Unhealthy(damage);
        if (_writer is not { } writer) return PluginHealth.Healthy;
        if (!File.Exists(Path)) return PluginHealth.Unhealthy(SqliteStoreException.CreateFileMoved(Path).Message);
        if (!writer.IsFailing) return PluginHealth.Healthy;
        try
        {
            await writer.WriteAsync(new ProbeRequest(), cancellationToken);
            return PluginHealth.Healthy;
        }
        catch (SqliteStoreException exception)
        {
            return PluginHealth.Unhealthy(exception.Message);
        }
    }

    /// <summary>Opens the database, also after <see cref="ReleaseAsync"/>.</summary>
    /// <exception cref="SqliteStoreException">Another host owns the file, or the file cannot be used.</exception>
    public void Acquire()
    {
        lock (_lock) _isReleased = false;
        Open();
    }

    /// <summary>Closes the file and gives it up until <see cref="Acquire"/>.</summary>
    public ValueTask ReleaseAsync()
    {
        lock (_lock) _isReleased = true;
        return CloseAsync();
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock) _isDisposed = true;
        return CloseAsync();
    }

    private async ValueTask CloseAsync()
    {
        ReaderPool? readers;
        DatabaseWriter? writer;
        OwnerLock? owner;
        lock (_lock)
        {
            (readers, writer, owner) = (_readers, _writer, _owner);
            (_readers, _writer, _truncation, _owner) = (null, null, null, null);
        }

        // Close the writer's connection last: the last connection copies the log into the database and removes it.
        readers?.Dispose();
        if (writer is not null) await writer.StopAsync();
        owner?.Dispose();
        // Another version of the plugin may change what is cached.
        Windows.Clear();
        Sessions.Clear();
    }

    /// <param name="file">The file.</param>
    /// <param name="first">The first connection, disposed when the second one fails.</param>
    private static BackgroundCheckpoint ConnectBackground(DatabaseFile file, PreparedConnection first)
    {
        try
        {
            return new BackgroundCheckpoint(file.Connect());
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    private OwnerLock AcquireLock()
    {
        try
        {
            PrivateFiles.CreateFolder(System.IO.Path.GetDirectoryName(Path)!);
            return OwnerLock.Acquire(Path, _time.GetUtcNow());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SqliteStoreException(
                $"The database '{Path}' cannot be opened: {exception.Message} Give the host's user write access to its folder, or set another Path.",
                exception);
        }
    }
}
