using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>
/// One database file, shared by all histories and session stores of the host that name it. Opened when it is first used or
/// started; owned until it is disposed. Thread-safe.
/// </summary>
internal sealed class Database(string path, ILogger logger, TimeProvider? time = null) : IAsyncDisposable
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Condition _condition = new(path, logger);
    private readonly Lock _lock = new();
    private OwnerLock? _owner;
    private Readers? _readers;
    private Writer? _writer;
    private bool _setsAside;
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
        var database = context.Share(path, () => new Database(path, context.Logger, context.TimeProvider));
        var bytes = options.CacheMegabytes * 1024L * 1024L;
        // Sessions are few bytes beside their messages, unless their state is large.
        database.Windows.Allow(bytes / 4 * 3);
        database.Sessions.Allow(bytes / 4);
        database._setsAside |= options.SetsAside;
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
                var file = new DatabaseFile(Path, Patience, _time, logger);
                var connection = file.Open(_setsAside);
                _readers = new Readers(Path, Patience, _condition);
                _writer = new Writer(connection, file.Connect, Path, _condition, logger);
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

    /// <returns>Null when all is well; else cause and cure. After a failed commit it tries one, so that nobody else has to.</returns>
    public async ValueTask<string?> CheckHealthAsync(CancellationToken cancellationToken)
    {
        if (_condition.Damage is { } damage) return damage;
        if (_writer is not { } writer) return null;
        if (!File.Exists(Path)) return SqliteStoreException.Gone(Path).Message;
        if (!writer.IsFailing) return null;
        try
        {
            await writer.WriteAsync(new ProbeRequest(), cancellationToken);
            return null;
        }
        catch (SqliteStoreException exception)
        {
            return exception.Message;
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
            return OwnerLock.Take(Path, _time.GetUtcNow());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SqliteStoreException(
                $"The database '{Path}' cannot be opened: {exception.Message} Give the host's user write access to its folder, or set another Path.",
                exception);
        }
    }
}
