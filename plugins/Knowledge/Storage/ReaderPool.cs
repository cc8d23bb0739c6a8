using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Knowledge.Storage;

/// <summary>Connections that read the index while it is written. Thread-safe.</summary>
internal sealed class ReaderPool(string path) : IDisposable
{
    private const int MaxReaders = 4;

    private readonly ConcurrentBag<IndexReader> _idle = [];
    private readonly SemaphoreSlim _free = new(MaxReaders);

    /// <exception cref="StorageException">The file cannot be read.</exception>
    public async Task<T> ReadAsync<T>(Func<IndexReader, T> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            var reader = _idle.TryTake(out var idle) ? idle : new IndexReader(IndexDatabase.Open(path, SqliteOpenMode.ReadOnly));
            try
            {
                var result = read(reader);
                _idle.Add(reader);
                return result;
            }
            catch (Exception e)
            {
                reader.Dispose();
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
        while (_idle.TryTake(out var reader)) reader.Dispose();
        _free.Dispose();
    }
}
