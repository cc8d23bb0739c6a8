using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Shared.Sqlite;

/// <summary>A small database file of a plugin: one writer, and a reader that does not wait for the writer. Thread-safe. Errors are those of SQLite.</summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly Lock _writeLock = new();
    private readonly Lock _readLock = new();
    private readonly SqliteConnection _writer;
    private readonly SqliteConnection _reader;

    /// <summary>Opens the file, and creates it for the host's user alone when it does not exist.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="pragmas">Settings of the connections, beside the write-ahead log.</param>
    /// <param name="version">The version of the schema.</param>
    /// <param name="schema">Creates the schema in an empty file.</param>
    /// <exception cref="SqliteException">The file cannot be used.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The host has no right to create the file.</exception>
    /// <exception cref="StorageException">A newer version of the plugin wrote the file.</exception>
    public SqliteFile(string path, string pragmas, int version, string schema)
    {
        _writer = SqliteConnections.Open(path);
        try
        {
            _writer.Execute($"PRAGMA journal_mode=WAL; {pragmas}");
            CreateSchema(path, version, schema);
            _reader = SqliteConnections.Open(path);
            _reader.Execute(pragmas);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Reads in one transaction, so that all commands see the same state.</summary>
    public T Read<T>(Func<SqliteConnection, T> read)
    {
        lock (_readLock) return _reader.InTransaction("BEGIN", read);
    }

    /// <summary>Writes in one transaction. An exception rolls it back.</summary>
    public T Write<T>(Func<SqliteConnection, T> write)
    {
        lock (_writeLock) return _writer.InTransaction("BEGIN IMMEDIATE", write);
    }

    /// <summary>Rewrites the file and empties its log, so that neither holds deleted data.</summary>
    /// <returns>False when another program reads the file, so that the log was not emptied.</returns>
    public bool Compact()
    {
        lock (_writeLock)
        {
            lock (_readLock)
            {
                _writer.Execute("VACUUM");
                using var checkpoint = _writer.Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
                return (long)checkpoint.ExecuteScalar()! == 0;
            }
        }
    }

    public void Dispose()
    {
        // The constructor may fail before the reader is open.
        _reader?.Dispose();
        _writer.Dispose();
    }

    private void CreateSchema(string path, int version, string schema)
    {
        using var command = _writer.Prepare("PRAGMA user_version");
        var found = (long)command.ExecuteScalar()!;
        if (found == version) return;
        if (found != 0) throw new StorageException($"'{path}' was written by a newer version of the plugin. Install that version.");
        _writer.Execute($"BEGIN IMMEDIATE; {schema} PRAGMA user_version = {version}; COMMIT;");
    }
}
