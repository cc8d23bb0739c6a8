using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Shared.Sqlite;

/// <summary>A small database file of a plugin: one writer, and a reader that does not wait for it. Thread-safe. Errors are those of SQLite.</summary>
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
    /// <exception cref="UnauthorizedAccessException">The file may not be created.</exception>
    /// <exception cref="StorageException">A newer version of the plugin wrote the file.</exception>
    public SqliteFile(string path, string pragmas, int version, string schema)
    {
        Create(path);
        // The pool of the library is static and would outlive the plugin.
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ConnectionString;
        (_writer, _reader) = (new SqliteConnection(settings), new SqliteConnection(settings));
        try
        {
            _writer.Open();
            Execute(_writer, $"PRAGMA journal_mode=WAL; {pragmas}");
            Migrate(path, version, schema);
            _reader.Open();
            Execute(_reader, pragmas);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Reads one state of the file, also with several commands.</summary>
    public T Read<T>(Func<SqliteConnection, T> read)
    {
        lock (_readLock)
        {
            using var transaction = _reader.BeginTransaction(deferred: true);
            return read(_reader);
        }
    }

    /// <summary>Writes in one transaction. An exception rolls it back.</summary>
    public T Write<T>(Func<SqliteConnection, T> write)
    {
        lock (_writeLock)
        {
            using var transaction = _writer.BeginTransaction();
            var result = write(_writer);
            transaction.Commit();
            return result;
        }
    }

    /// <summary>Writes the file anew and empties its log, so that neither has anything of what was deleted.</summary>
    /// <returns>False when another program reads the file, so that the log was not emptied.</returns>
    public bool Compact()
    {
        lock (_writeLock)
        {
            lock (_readLock)
            {
                Execute(_writer, "VACUUM");
                using var checkpoint = Prepare(_writer, "PRAGMA wal_checkpoint(TRUNCATE)");
                return (long)checkpoint.ExecuteScalar()! == 0;
            }
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
    }

    /// <summary>A command with the values of <c>$1</c>, <c>$2</c> and so on; in a transaction of the connection, if there is one.</summary>
    public static SqliteCommand Prepare(SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
        return command;
    }

    /// <returns>The number of changed rows.</returns>
    public static int Execute(SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using var command = Prepare(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    private static void Create(string path)
    {
        if (File.Exists(path)) return;
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // SQLite gives its other files the mode of this one.
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (new FileStream(path, options))
        {
        }
    }

    private void Migrate(string path, int version, string schema)
    {
        using var command = Prepare(_writer, "PRAGMA user_version");
        var found = (long)command.ExecuteScalar()!;
        if (found == version) return;
        if (found != 0) throw new StorageException($"'{path}' was written by a newer version of the plugin. Install that version.");
        Execute(_writer, $"BEGIN IMMEDIATE; {schema} PRAGMA user_version = {version}; COMMIT;");
    }
}
