using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>
/// Truncates the write-ahead log: after deletions, which share a truncation, and when it has become large. Another thread copies the log
/// first, so that the writer has little to do. Attempts do not block, and this host's own readers pause when one failed. Thread-safe.
/// </summary>
internal sealed class LogTruncation(
    string path, DatabaseWriter writer, BackgroundCheckpoint background, ReaderPool readers, TimeSpan patience, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private Erasures? _next;
    private bool _isErasing;
    private int _isShrinking;
    private long _truncations;
    private long? _reported;

    /// <summary>The number of truncations that were tried.</summary>
    public long Truncations => Interlocked.Read(ref _truncations);

    /// <summary>Waits until the log holds nothing of what was deleted before this call.</summary>
    /// <exception cref="SqliteStoreException">Another program keeps reading the database.</exception>
    public Task EraseAsync(CancellationToken cancellationToken)
    {
        Task truncated;
        lock (_lock)
        {
            truncated = (_next ??= new Erasures()).Completion.Task;
            if (!_isErasing) _ = Task.Run(EraseAllAsync, CancellationToken.None);
            _isErasing = true;
        }

        return truncated.WaitAsync(cancellationToken);
    }

    /// <summary>Tries in the background to shrink a log that has become large. Reports its size when another program is in the way.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _isShrinking, 1) == 0) _ = ShrinkAsync();
    }

    private async Task EraseAllAsync()
    {
        while (TakeErasures() is { } erasures)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await EraseAsync(erasures.Since);
                erasures.Completion.SetResult();
            }
            catch (Exception exception)
            {
                erasures.Completion.SetException(exception);
                // Observed: all callers may have been cancelled.
                _ = erasures.Completion.Task.Exception;
            }

            // At most half of the time, so that runs are stored meanwhile and more deletions share the next truncation.
            await Task.Delay(Stopwatch.GetElapsedTime(started), TimeProvider.System);
        }
    }

    private Erasures? TakeErasures()
    {
        lock (_lock)
        {
            var erasures = _next;
            _next = null;
            _isErasing = erasures is not null;
            return erasures;
        }
    }

    private async Task EraseAsync(long since)
    {
        await background.RunAsync();
        if (await TryAsync()) return;
        while (!await TryWithoutReadsAsync())
        {
            if (Stopwatch.GetElapsedTime(since) >= patience)
            {
                throw new SqliteStoreException(
                    "The content was deleted from the database, but another program reads it and keeps a copy in the write-ahead log. " +
                    "Close that program and delete again.");
            }

            await Task.Delay(Pause, time);
        }
    }

    private async Task ShrinkAsync()
    {
        try
        {
            if (!await TryWithoutReadsAsync()) Report();
        }
        catch (Exception exception) when (exception is SqliteStoreException or ObjectDisposedException)
        {
            // The writer reports failures, and a closed database has no log.
        }
        finally
        {
            Volatile.Write(ref _isShrinking, 0);
        }
    }

    private async Task<bool> TryWithoutReadsAsync()
    {
        using (await readers.PauseAsync()) return await TryAsync();
    }

    private async Task<bool> TryAsync()
    {
        Interlocked.Increment(ref _truncations);
        var request = new TruncateRequest();
        try
        {
            await writer.WriteAsync(request, CancellationToken.None);
            return request.IsLogTruncated;
        }
        catch (ObjectDisposedException)
        {
            // A database that is closed has no log, unless another program has it open.
            await writer.StopAsync();
            if (File.Exists(path + "-wal")) throw;
            return true;
        }
    }

    private void Report()
    {
        if (_reported is { } last && time.GetElapsedTime(last) < ReportInterval) return;
        _reported = time.GetTimestamp();
        var log = new FileInfo(path + "-wal");
        if (log.Exists) Log.LargeLog(logger, path, log.Length / (1024 * 1024));
    }

    /// <summary>Deletions that wait for the same truncation.</summary>
    private sealed class Erasures
    {
        public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Since { get; } = Stopwatch.GetTimestamp();
    }
}
