namespace PluginHost.Sqlite;

/// <summary>The write-ahead log through one connection. Waits for no reader.</summary>
internal sealed class WriteAheadLog(PreparedConnection connection)
{
    private const int CacheWrites = 9; // SQLITE_DBSTATUS_CACHE_WRITE

    /// <returns>The number of pages that the connection has written to the log since the last call.</returns>
    public int TakeWrittenPages()
    {
        SQLitePCL.raw.sqlite3_db_status(connection.Handle, CacheWrites, out var written, out _, 1);
        return written;
    }

    /// <summary>Copies the log into the database, as far as no reader needs the old pages. After a complete copy, the next commit restarts the log.</summary>
    /// <returns>The pages in the log, and how many of them are copied.</returns>
    public (long Pages, long Copied) Copy()
    {
        var (_, pages, copied) = Checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
        return (pages, copied);
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
