using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database on another thread and connection, so that the writer commits meanwhile. Waits for no
/// reader and no lock. Thread-safe.
/// </summary>
/// <param name="connection">Its connection, which this object disposes.</param>
internal sealed class BackgroundCheckpoint(PreparedConnection connection) : IDisposable
{
    private readonly Lock _lock = new();
    private Task _current = Task.CompletedTask;
    private bool _isDisposed;

    public bool IsRunning => !Volatile.Read(ref _current).IsCompleted;

    /// <summary>Starts a checkpoint unless one is running.</summary>
    /// <returns>Its end. Never fails: the writer copies what is left, and reports errors.</returns>
    public Task RunAsync()
    {
        lock (_lock)
        {
            if (_isDisposed || !_current.IsCompleted) return _current;
            return _current = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Blocks until the running checkpoint has ended.</summary>
    public void Wait() => Volatile.Read(ref _current).Wait();

    public void Dispose()
    {
        lock (_lock) _isDisposed = true;
        Wait();
        connection.Dispose();
    }

    private void Run()
    {
        try
        {
            new WriteAheadLog(connection).Copy();
        }
        catch (SqliteException)
        {
            // See above.
        }
    }
}
