namespace PluginHost.Sqlite;

/// <summary>
/// Keeps the write-ahead log short. SQLite's automatic checkpoint would copy all of it inside a commit while callers wait. Another thread
/// copies most of it instead, and the writer only the few pages that were written meanwhile. For the writer's thread alone.
/// </summary>
internal sealed class LogLength(WriteAheadLog log, BackgroundCheckpoint background)
{
    /// <summary>The number of written pages (4 MB) after which the log is copied into the database.</summary>
    private const int CopyPages = 1000;

    /// <summary>The number of written pages at which the writer waits for the copy, so that the log has a limit.</summary>
    private const int WaitPages = CopyPages * 7 / 4;

    /// <summary>The number of pages above which the log is truncated, because constant reads keep it from restarting.</summary>
    private const int TruncatePages = 4 * CopyPages;

    /// <summary>The size in bytes that the file keeps when the log restarts.</summary>
    public const long SizeLimit = TruncatePages * 4096L;

    private long _written;
    private long _left;
    private bool _isCopying;

    /// <summary>The number of pages written to the log.</summary>
    public long Total { get; private set; }

    /// <summary>Counts the pages of a commit, and has the log copied when it has grown.</summary>
    /// <returns>Whether the log is so large that it must be truncated.</returns>
    public bool CopyIfLarge()
    {
        var pages = log.TakeWrittenPages();
        Total += pages;
        _written += pages;
        if (_isCopying)
        {
            // A log that a reader keeps from shrinking may grow by as much again.
            if (background.IsRunning && _written < Math.Max(WaitPages, _left)) return false;
            background.Wait();
            return CopyRest();
        }

        // A checkpoint sorts what is left in the log, so a log that a reader keeps from shrinking is looked at ever more rarely.
        if (_written < Math.Max(CopyPages, _left / 4)) return false;
        _ = background.RunAsync();
        _isCopying = true;
        return false;
    }

    private bool CopyRest()
    {
        (_written, _isCopying) = (0, false);
        var (pages, copied) = log.Copy();
        _left = pages - copied;
        return pages > TruncatePages;
    }
}
