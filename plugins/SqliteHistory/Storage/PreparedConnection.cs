using System.Globalization;
using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>
/// A connection that prepares each statement once. Statements name their parameters $1, $2 and so on, and are constants: values
/// never become part of their text. Used by one thread at a time.
/// </summary>
internal sealed class PreparedConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    public PreparedConnection(string path, bool readOnly, TimeSpan patience)
    {
        var builder = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadWriteCreate,
            // The library's pool is static and would outlive the store.
            Pooling = false,
            // SQLite waits itself; the library's own wait would come on top of it in steps of 150 ms.
            DefaultTimeout = 1,
        };
        _connection = new SqliteConnection(builder.ConnectionString);
        try
        {
            _connection.Open();
            Pragma($"busy_timeout={(long)patience.TotalMilliseconds}");
            // A session's content must not reach a temporary file.
            Pragma("temp_store=MEMORY");
            // Of readers too: the last connection that closes writes what is in the log.
            NativeFile.ClearGaps(_connection);
            if (readOnly) Pragma("query_only=ON");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Whether a transaction is open; SQLite ends one by itself on some errors.</summary>
    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Whether the file may not be written.</summary>
    public bool IsReadOnly => SQLitePCL.raw.sqlite3_db_readonly(_connection.Handle, "main") == 1;

    /// <summary>Sets or asks a pragma; these take no parameters, so only constants and numbers may be part of it.</summary>
    public string? Pragma(string pragma)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA " + pragma;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <returns>How many rows were changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <returns>The first value of the first row as a number; null when there is no row, or it is null.</returns>
    public long? Number(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteScalar() as long?;

    /// <returns>The rows; to be disposed before the same statement is used again.</returns>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteReader();

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command)) _commands[sql] = command = Prepare(sql, values.Length);
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    private SqliteCommand Prepare(string sql, int parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++) command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i.ToString(CultureInfo.InvariantCulture) });
        return command;
    }
}
