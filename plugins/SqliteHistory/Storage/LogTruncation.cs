using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>
/// Truncates the write-ahead log while readers are in the way. It waits outside the queue of writes: the writer makes attempts that
/// do not block, and this host's own readers pause for each. Thread-safe.
/// </summary>
internal sealed class LogTruncation(string path, DatabaseWriter writer, ReaderPool readers, TimeSpan patience, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(10);

    private int _isTrying;
    private long? _reported;

    /// <summary>Waits until the log holds no deleted content.</summary>
    /// <exception cref="SqliteStoreException">Another program keeps reading the database.</exception>
    public async Task EraseAsync(CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await TryAsync())
        {
            if (Stopwatch.GetElapsedTime(since) >= patience)
            {
                throw new SqliteStoreException(
                    "The content was deleted from the database, but another program reads it and keeps a copy in the write-ahead log. " +
                    "Close that program and delete again.");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Tries in the background to shrink a log that has become large. Reports its size when another program is in the way.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _isTrying, 1) == 0) _ = ShrinkAsync();
    }

    private async Task ShrinkAsync()
    {
        try
        {
            if (!await TryAsync()) Report();
        }
        catch (Exception exception) when (exception is SqliteStoreException or ObjectDisposedException)
        {
            // The writer reports failures, and a closed database has no log.
        }
        finally
        {
            Volatile.Write(ref _isTrying, 0);
        }
    }

    private async Task<bool> TryAsync()
    {
        var request = new TruncateRequest();
        using (await readers.PauseAsync()) await writer.WriteAsync(request, CancellationToken.None);
        return request.IsLogTruncated;
    }

    private void Report()
    {
        if (_reported is { } last && time.GetElapsedTime(last) < ReportInterval) return;
        _reported = time.GetTimestamp();
        var log = new FileInfo(path + "-wal");
        if (log.Exists) Log.LargeLog(logger, path, log.Length / (1024 * 1024));
    }
}
