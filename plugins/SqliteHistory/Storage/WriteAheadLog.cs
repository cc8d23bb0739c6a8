namespace PluginHost.Sqlite;

/// <summary>
/// Keeps the write-ahead log short without waiting for readers. SQLite's automatic checkpoint would run inside a commit while callers
/// wait.
/// </summary>
internal sealed class WriteAheadLog(PreparedConnection connection)
{
    /// <summary>The number of written pages (4 MB) after which the log is copied into the database.</summary>
    private const int CheckpointPages = 1000;

    /// <summary>The number of pages above which the log is truncated, because constant reads keep it from restarting.</summary>
    private const int TruncatePages = 4 * CheckpointPages;

    /// <summary>The size in bytes that the file keeps when the log restarts.</summary>
    public const long SizeLimit = TruncatePages * 4096L;

    private const int CacheWrites = 9; // SQLITE_DBSTATUS_CACHE_WRITE

    private long _pages;
    private long _nextCheckpoint = CheckpointPages;

    /// <summary>Counts the pages of a commit and checkpoints the log when it has grown.</summary>
    /// <returns>Whether the log is so large that it must be truncated.</returns>
    public bool CheckpointIfLarge()
    {
        SQLitePCL.raw.sqlite3_db_status(connection.Handle, CacheWrites, out var written, out _, 1);
        _pages += written;
        if (_pages < _nextCheckpoint) return false;
        _pages = 0;
        var (_, pages, copied) = Checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
        // A checkpoint sorts the whole log, so a log that a reader keeps from shrinking is looked at ever more rarely.
        _nextCheckpoint = Math.Max(CheckpointPages, (pages - copied) / 4);
        return pages > TruncatePages;
    }

    /// <summary>
    /// Copies the whole log into the database, truncates it and drops the page cache: unused space is cleared only in the file,
    /// and cached pages would write the old content again.
    /// </summary>
    /// <returns>False when a reader is in the way.</returns>
    public bool TryTruncate()
    {
        if (Checkpoint("PRAGMA wal_checkpoint(TRUNCATE)").IsBusy) return false;
        connection.ExecutePragma("shrink_memory");
        return true;
    }

    private (bool IsBusy, long Pages, long Copied) Checkpoint(string pragma) => connection.QueryWithoutWaiting(
        pragma, static row => row.Read() ? (row.GetInt64(0) != 0, row.GetInt64(1), row.GetInt64(2)) : (false, 0, 0));
}
