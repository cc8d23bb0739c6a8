using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace PluginHost.Sqlite;

/// <summary>A prepared statement. Binds values and reads columns without objects in between. Not thread-safe.</summary>
internal sealed class SqlStatement : IDisposable
{
    private const int StackBytes = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    // SQLite counts parameters in the order of their names' first use in the text.
    private readonly int[] _parameters;

    public SqlStatement(sqlite3 database, string sql)
    {
        _database = database;
        Check(sqlite3_prepare_v3(database, sql, SQLITE_PREPARE_PERSISTENT, out _statement));
        _parameters = new int[sqlite3_bind_parameter_count(_statement)];
        for (var i = 1; i <= _parameters.Length; i++) _parameters[i - 1] = int.Parse(sqlite3_bind_parameter_name(_statement, i).utf8_to_string().AsSpan(1), CultureInfo.InvariantCulture);
    }

    /// <summary>SQLite's statement, for columns that are read in another way.</summary>
    public sqlite3_stmt Handle => _statement;

    /// <summary>Sets the parameters $1, $2 and so on.</summary>
    public void Bind(ReadOnlySpan<SqlValue> values)
    {
        for (var i = 0; i < _parameters.Length; i++) Check(Bind(i + 1, in values[_parameters[i] - 1]));
    }

    /// <returns>Whether there is a row.</returns>
    public bool Step()
    {
        var result = sqlite3_step(_statement);
        if (result == SQLITE_ROW) return true;
        if (result != SQLITE_DONE) Check(result);
        return false;
    }

    /// <summary>Ends the use of the statement, and frees the copies of its values. An error was reported by the step that failed.</summary>
    public void Reset()
    {
        _ = sqlite3_reset(_statement);
        _ = sqlite3_clear_bindings(_statement);
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int index, in SqlValue value) => value.Kind switch
    {
        SqlValueKind.Number => sqlite3_bind_int64(_statement, index, value.Number),
        SqlValueKind.Text => BindText(index, value.Text!),
        SqlValueKind.Utf8 => sqlite3_bind_text(_statement, index, value.Bytes.Span),
        SqlValueKind.Blob => sqlite3_bind_blob(_statement, index, value.Bytes.Span),
        _ => sqlite3_bind_null(_statement, index),
    };

    [SkipLocalsInit]
    private int BindText(int index, string text)
    {
        // The library binds an empty span as NULL.
        if (text.Length == 0) return sqlite3_bind_text(_statement, index, "");
        if (text.Length > StackBytes / 3) return sqlite3_bind_text(_statement, index, Encoding.UTF8.GetBytes(text));
        Span<byte> bytes = stackalloc byte[StackBytes];
        return sqlite3_bind_text(_statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
