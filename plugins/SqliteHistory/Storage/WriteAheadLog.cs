namespace PluginHost.Sqlite;

/// <summary>Keeps the write-ahead log short. SQLite's automatic checkpoint would run inside a commit while callers wait.</summary>
internal sealed class WriteAheadLog(PreparedConnection connection)
{
    /// <summary>The number of written pages (4 MB) after which the log is copied into the database.</summary>
    private const int CheckpointPages = 1000;

    /// <summary>The number of pages above which the writer waits for readers, because constant reads keep the log from restarting.</summary>
    private const int TruncatePages = 4 * CheckpointPages;

    /// <summary>The size in bytes that the file keeps when the log restarts.</summary>
    public const long SizeLimit = TruncatePages * 4096L;

    private const int CacheWrites = 9; // SQLITE_DBSTATUS_CACHE_WRITE

    private int _pages;

    /// <summary>Counts the pages of a commit and checkpoints the log when it is large.</summary>
    public void CheckpointIfLarge()
    {
        SQLitePCL.raw.sqlite3_db_status(connection.Connection.Handle, CacheWrites, out var written, out _, 1);
        _pages += written;
        if (_pages < CheckpointPages) return;
        _pages = 0;
        if (Checkpoint("PRAGMA wal_checkpoint(PASSIVE)").Pages > TruncatePages) Checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>
    /// Copies the whole log into the database, truncates it and drops the page cache: unused space is cleared only in the file,
    /// and cached pages would write the old content again.
    /// </summary>
    /// <exception cref="SqliteStoreException">Another program keeps reading the database.</exception>
    public void Truncate()
    {
        if (TryTruncate())
        {
            connection.ExecutePragma("shrink_memory");
            return;
        }

        throw new SqliteStoreException(
            "The content was deleted from the database, but another program reads it and keeps a copy in the write-ahead log. " +
            "Close that program and delete again.");
    }

    /// <returns>False when another program keeps reading the database.</returns>
    public bool TryTruncate() => !Checkpoint("PRAGMA wal_checkpoint(TRUNCATE)").IsBusy;

    private (bool IsBusy, long Pages) Checkpoint(string pragma)
    {
        using var row = connection.Query(pragma);
        return row.Read() ? (row.GetInt64(0) != 0, row.GetInt64(1)) : (false, 0);
    }
}
