using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>A pool of connections for reading. Thread-safe.</summary>
internal sealed class ReaderPool(string path, TimeSpan busyTimeout, DatabaseHealth health, ILogger logger) : IDisposable
{
    private readonly ConcurrentBag<PreparedConnection> _idle = [];
    private static readonly int Slots = Math.Max(4, Environment.ProcessorCount);

    private readonly SemaphoreSlim _slots = new(Slots);
    private readonly SemaphoreSlim _pause = new(1);
    private readonly CorruptRecords _corrupt = new(path, logger);
    private long _reads;
    private volatile bool _isDisposed;

    /// <summary>The number of reads so far.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Runs a read. Each statement sees one snapshot; start a transaction to use one snapshot for several statements.</summary>
    /// <exception cref="SqliteStoreException">The database could not be read.</exception>
    public async ValueTask<TResult> ReadAsync<TArgument, TResult>(
        Func<PreparedConnection, TArgument, TResult> read, TArgument argument, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            Interlocked.Increment(ref _reads);
            return Read(read, argument);
        }
        catch (SqliteException exception)
        {
            health.Report(exception);
            throw SqliteStoreException.From(exception, path);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Waits for the reads in progress and holds up later ones until the result is disposed.</summary>
    public async Task<IDisposable> PauseAsync()
    {
        await _pause.WaitAsync();
        for (var i = 0; i < Slots; i++) await _slots.WaitAsync();
        return new PausedReads(this);
    }

    public void Dispose()
    {
        // The semaphores hold no handles, and reads in progress still release them.
        _isDisposed = true;
        DisposeIdle();
    }

    private void DisposeIdle()
    {
        while (_idle.TryTake(out var connection)) connection.Dispose();
    }

    private TResult Read<TArgument, TResult>(Func<PreparedConnection, TArgument, TResult> read, TArgument argument)
    {
        if (!_idle.TryTake(out var connection)) connection = new PreparedConnection(path, readOnly: true, busyTimeout) { Corrupt = _corrupt };
        try
        {
            var result = read(connection, argument);
            _idle.Add(connection);
            if (_isDisposed) DisposeIdle();
            return result;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private sealed class PausedReads(ReaderPool pool) : IDisposable
    {
        public void Dispose()
        {
            pool._slots.Release(Slots);
            pool._pause.Release();
        }
    }
}
