using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>
/// One database file, shared by all histories and session stores of the host that name it. Opened when it is first used or
/// started; owned until it is disposed. Thread-safe.
/// </summary>
internal sealed class Database(string path, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private OwnerLock? _owner;
    private Readers? _readers;
    private Writer? _writer;
    private bool _isDisposed;

    public string Path { get; } = path;

    /// <summary>How long to wait for another program that has locked the file.</summary>
    public TimeSpan Patience { get; init; } = DefaultPatience;

    public WindowCache Windows { get; } = new();

    public RecentCache<SessionKey, CachedSession> Sessions { get; } = new();

    public Readers Readers => _readers ?? Open().Readers;

    public Writer Writer => _writer ?? Open().Writer;

    /// <summary>The database of an entry's options, the same object for all entries that name the same file.</summary>
    public static Database Share(SqliteHistoryOptions options, IPluginContext context)
    {
        var path = System.IO.Path.GetFullPath(context.ResolvePath(options.Path));
        // Two names of one file are one database: two owner locks would stand beside it otherwise.
        if (new FileInfo(path) is { LinkTarget: not null } link) path = link.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        var database = context.Share(path, () => new Database(path, context.Logger));
        var bytes = options.CacheMegabytes * 1024L * 1024L;
        // Sessions are few bytes beside their messages, unless their state is large.
        database.Windows.Allow(bytes / 4 * 3);
        database.Sessions.Allow(bytes / 4);
        return database;
    }

    /// <summary>Opens the file, makes or migrates its tables, and becomes its owner. Does nothing when that is done.</summary>
    /// <exception cref="SqliteStoreException">Another owner lives, or the file cannot be used.</exception>
    public Database Open()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_writer is not null) return this;
            var owner = TakeLock();
            try
            {
                var connection = OpenAndMigrate();
                _readers = new Readers(Path, Patience);
                _writer = new Writer(connection, Connect, Path, logger);
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

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
        }

        // The writer's connection is closed last: it empties the log into the database and removes it.
        _readers?.Dispose();
        if (_writer is not null) await _writer.StopAsync();
        _owner?.Dispose();
    }

    private OwnerLock TakeLock()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            return OwnerLock.Take(Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SqliteStoreException(
                $"The database '{Path}' cannot be opened: {exception.Message} Give the host's user write access to its folder, or set another Path.",
                exception);
        }
    }

    private PreparedConnection OpenAndMigrate()
    {
        var connection = Connect();
        try
        {
            var version = Schema.Migrate(connection, Path, Schema.Steps);
            // A crash may have left what was being deleted in the log.
            new WriteAheadLog(connection).TryEmpty();
            if (version > 0 && version < Schema.Steps.Count) Log.Migrated(logger, Path, version, Schema.Steps.Count);
            Log.Opened(logger, Path, Schema.Steps.Count);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A connection for writing.</summary>
    private PreparedConnection Connect()
    {
        var connection = new PreparedConnection(Path, readOnly: false, Patience);
        try
        {
            if (connection.Pragma("journal_mode=WAL") is not "wal")
                throw new SqliteStoreException($"The file system of '{Path}' cannot hold a write-ahead log. Set Path to a local disk.");
            connection.Pragma("synchronous=FULL");
            connection.Pragma("secure_delete=ON");
            CheckPages(connection);
            connection.Pragma("wal_autocheckpoint=0");
            connection.Pragma($"journal_size_limit={WriteAheadLog.SizeLimit}");
            connection.Pragma("cache_size=-16000");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What <see cref="PageGap"/> relies on.</summary>
    private void CheckPages(PreparedConnection connection)
    {
        if (connection.Pragma("auto_vacuum") is not "0")
        {
            throw new SqliteStoreException(
                $"The database '{Path}' has auto_vacuum, with which deleted content could not be cleared. Stop the host and change that: " +
                $"sqlite3 {Path} 'PRAGMA auto_vacuum=NONE; VACUUM'.");
        }

        if (connection.Number($"PRAGMA max_page_count={PageGap.MaxPages}") > PageGap.MaxPages)
            throw new SqliteStoreException($"The database '{Path}' has more than {PageGap.MaxPages} pages, which is the limit. Set Path to a new file.");
    }
}
