using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>A few connections for reading, each used by one caller at a time and kept for the next.</summary>
internal sealed class Readers(string path, TimeSpan patience, Condition condition) : IDisposable
{
    private readonly ConcurrentBag<PreparedConnection> _idle = [];
    private readonly SemaphoreSlim _slots = new(Math.Max(4, Environment.ProcessorCount));
    private long _reads;

    /// <summary>How often the database was read.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Reads. Each statement sees one moment; a reader that needs one moment for several begins a transaction.</summary>
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
            condition.Met(exception);
            throw SqliteStoreException.From(exception, path);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var connection)) connection.Dispose();
        _slots.Dispose();
    }

    private TResult Read<TArgument, TResult>(Func<PreparedConnection, TArgument, TResult> read, TArgument argument)
    {
        if (!_idle.TryTake(out var connection)) connection = new PreparedConnection(path, readOnly: true, patience);
        try
        {
            var result = read(connection, argument);
            _idle.Add(connection);
            return result;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
