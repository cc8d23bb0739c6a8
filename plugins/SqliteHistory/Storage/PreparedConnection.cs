using System.Globalization;
using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>
/// A connection that prepares each statement once. Statements are constants with parameters $1, $2 and so on, and never contain
/// values. Not thread-safe.
/// </summary>
internal sealed class PreparedConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly int _busyTimeout;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    public PreparedConnection(string path, bool readOnly, TimeSpan busyTimeout)
    {
        var builder = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadWriteCreate,
            // The pool of the library is static and would outlive the store.
            Pooling = false,
            // SQLite waits itself. The library would add further waits in steps of 150 ms.
            DefaultTimeout = 1,
        };
        _connection = new SqliteConnection(builder.ConnectionString);
        _busyTimeout = (int)busyTimeout.TotalMilliseconds;
        try
        {
            _connection.Open();
            SetBusyTimeout(_busyTimeout);
            // Temporary files would hold session content.
            ExecutePragma("temp_store=MEMORY");
            // Readers need it, too: the last connection that closes writes the log into the database.
            NativeFile.ClearGapsOnWrite(_connection);
            if (readOnly) ExecutePragma("query_only=ON");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Reads records that may be corrupt. Set on connections for reading.</summary>
    public CorruptRecords Corrupt { get; init; } = null!;

    /// <summary>Whether a transaction is open. SQLite rolls a transaction back on some errors.</summary>
    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Whether the file is read-only.</summary>
    public bool IsReadOnly => SQLitePCL.raw.sqlite3_db_readonly(_connection.Handle, "main") == 1;

    /// <summary>Sets or reads a pragma. Pragmas take no parameters, so the text may contain only constants and numbers.</summary>
    public string? ExecutePragma(string pragma)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA " + pragma;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>Runs a query that does not wait for other connections.</summary>
    public T QueryWithoutWaiting<T>(string sql, Func<SqliteDataReader, T> read)
    {
        SetBusyTimeout(0);
        try
        {
            using var rows = Query(sql);
            return read(rows);
        }
        finally
        {
            SetBusyTimeout(_busyTimeout);
        }
    }

    /// <returns>The number of changed rows.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <returns>The first value of the first row as a number; null when there is no row or the value is null.</returns>
    public long? QueryNumber(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteScalar() as long?;

    /// <returns>The rows. Dispose them before the next use of the same statement.</returns>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteReader();

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _connection.Dispose();
    }

    private void SetBusyTimeout(int milliseconds) => SQLitePCL.raw.sqlite3_busy_timeout(_connection.Handle, milliseconds);

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
