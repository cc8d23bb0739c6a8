using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PluginHost.Sqlite;

/// <summary>
/// A connection that prepares each statement once. Statements are constants with parameters $1, $2 and so on, and never contain
/// values. Not thread-safe.
/// </summary>
internal sealed class PreparedConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly int _busyTimeout;

    // Constants are the same object at each use, so their text need not be compared.
    private readonly Dictionary<string, SqlStatement> _statements = new(ReferenceEqualityComparer.Instance);

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

    /// <summary>The number of statements so far.</summary>
    public long Statements { get; private set; }

    /// <summary>The number of rows that were inserted, changed and deleted so far.</summary>
    public int ChangedRows => raw.sqlite3_total_changes(Handle);

    /// <summary>Whether a transaction is open. SQLite rolls a transaction back on some errors.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>Whether the file is read-only.</summary>
    public bool IsReadOnly => raw.sqlite3_db_readonly(Handle, "main") == 1;

    /// <exception cref="InvalidOperationException">The connection is closed.</exception>
    public sqlite3 Handle => _connection.Handle ?? throw new InvalidOperationException("The connection to the database is closed.");

    /// <summary>Sets or reads a pragma. Pragmas take no parameters, so the text may contain only constants and numbers.</summary>
    public string? ExecutePragma(string pragma)
    {
        using var statement = new SqlStatement(Handle, "PRAGMA " + pragma);
        return statement.Step() ? new SqlRows(statement).GetText(0) : null;
    }

    /// <summary>Runs several statements without parameters.</summary>
    public void ExecuteScript(string sql) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(Handle, sql), Handle);

    /// <summary>Runs a query that does not wait for other connections.</summary>
    public T QueryWithoutWaiting<T>(string sql, Func<SqlRows, T> read)
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

    /// <returns>The number of rows that an INSERT, UPDATE or DELETE changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<SqlValue> values)
    {
        using var rows = Query(sql, values);
        while (rows.Read())
        {
        }

        return raw.sqlite3_changes(Handle);
    }

    /// <returns>The first value of the first row as a number; null when there is no row or the value is null.</returns>
    public long? QueryNumber(string sql, params ReadOnlySpan<SqlValue> values)
    {
        using var rows = Query(sql, values);
        return rows.Read() && !rows.IsNull(0) ? rows.GetInt64(0) : null;
    }

    /// <returns>The rows. Dispose them before the next use of the same statement.</returns>
    public SqlRows Query(string sql, params ReadOnlySpan<SqlValue> values)
    {
        var database = Handle;
        if (!_statements.TryGetValue(sql, out var statement)) _statements[sql] = statement = new SqlStatement(database, sql);
        statement.Bind(values);
        Statements++;
        return new SqlRows(statement);
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _connection.Dispose();
    }

    private void SetBusyTimeout(int milliseconds) => raw.sqlite3_busy_timeout(Handle, milliseconds);
}
