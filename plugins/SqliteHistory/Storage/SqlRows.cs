using System.Text;
using static SQLitePCL.raw;

namespace PluginHost.Sqlite;

/// <summary>The rows of a query. Dispose them before the next use of the same statement.</summary>
internal readonly struct SqlRows(SqlStatement statement) : IDisposable
{
    private SQLitePCL.sqlite3_stmt Handle => statement.Handle;

    public int ColumnCount => sqlite3_column_count(Handle);

    /// <summary>Moves to the next row.</summary>
    public bool Read() => statement.Step();

    public bool IsNull(int column) => sqlite3_column_type(Handle, column) == SQLITE_NULL;

    public long GetInt64(int column) => sqlite3_column_int64(Handle, column);

    public int GetInt32(int column) => sqlite3_column_int(Handle, column);

    public DateTimeOffset GetTime(int column) => new(GetInt64(column), TimeSpan.Zero);

    /// <summary>The bytes of text or a blob, without a copy. Valid until the next row.</summary>
    public ReadOnlySpan<byte> GetSpan(int column) => sqlite3_column_blob(Handle, column);

    /// <summary>The number of bytes of text or a blob; 0 for null.</summary>
    public int GetLength(int column) => sqlite3_column_bytes(Handle, column);

    public string GetString(int column) => Encoding.UTF8.GetString(GetSpan(column));

    public string? GetText(int column) => IsNull(column) ? null : GetString(column);

    public void Dispose() => statement.Reset();
}
