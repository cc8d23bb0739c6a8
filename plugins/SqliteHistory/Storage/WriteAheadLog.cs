namespace PluginHost.Sqlite;

/// <summary>Keeps the write-ahead log short. SQLite's own way would do it inside a commit, while callers wait.</summary>
internal sealed class WriteAheadLog(PreparedConnection connection)
{
    /// <summary>Pages after which the log is copied into the database: 4 MB.</summary>
    private const int Enough = 1000;

    /// <summary>Pages above which the writer waits for readers, because steady reading has kept the log from starting anew.</summary>
    private const int TooMany = 4 * Enough;

    /// <summary>Bytes that the file keeps when the log starts anew.</summary>
    public const long SizeLimit = TooMany * 4096L;

    private const int CacheWrites = 9; // SQLITE_DBSTATUS_CACHE_WRITE

    private int _pages;

    /// <summary>After a commit.</summary>
    public void Tidy()
    {
        SQLitePCL.raw.sqlite3_db_status(connection.Connection.Handle, CacheWrites, out var written, out _, 1);
        _pages += written;
        if (_pages < Enough) return;
        _pages = 0;
        if (Checkpoint("PRAGMA wal_checkpoint(PASSIVE)").Pages > TooMany) Checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>
    /// Copies all of the log into the database, cuts the file to nothing, and forgets the pages in memory: what is unused is
    /// cleared in the file alone, and pages of memory would bring it back with the next commit.
    /// </summary>
    /// <exception cref="SqliteStoreException">Another program reads the database and does not end.</exception>
    public void Empty()
    {
        if (TryEmpty())
        {
            connection.Pragma("shrink_memory");
            return;
        }

        throw new SqliteStoreException(
            "What was to be deleted is gone from the database, but another program that reads it keeps the write-ahead log from " +
            "being emptied. Close that program and delete again.");
    }

    /// <returns>False when another program reads the database and does not end.</returns>
    public bool TryEmpty() => !Checkpoint("PRAGMA wal_checkpoint(TRUNCATE)").IsBusy;

    private (bool IsBusy, long Pages) Checkpoint(string pragma)
    {
        using var row = connection.Query(pragma);
        return row.Read() ? (row.GetInt64(0) != 0, row.GetInt64(1)) : (false, 0);
    }
}
