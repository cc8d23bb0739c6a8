using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Knowledge.Storage;

/// <summary>Connections that read the index while it is written. Thread-safe.</summary>
internal sealed class ReaderPool(string path) : IDisposable
{
    private const int MaxReaders = 4;

    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private readonly SemaphoreSlim _free = new(MaxReaders);

    /// <exception cref="StorageException">The file cannot be read.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            var connection = _idle.TryTake(out var idle) ? idle : IndexDatabase.Open(path, SqliteOpenMode.ReadOnly);
            try
            {
                var result = read(connection);
                _idle.Add(connection);
                return result;
            }
            catch (Exception e)
            {
                connection.Dispose();
                if (e is SqliteException sqlite) throw IndexDatabase.Unusable(path, sqlite);
                throw;
            }
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var connection)) connection.Dispose();
        _free.Dispose();
    }
}
