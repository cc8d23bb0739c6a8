using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace PluginHost.Shared.Sqlite;

/// <summary>Opens database files of plugins, and makes their statements.</summary>
internal static class SqliteConnections
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    private static readonly ConditionalWeakTable<SqliteConnection, Dictionary<string, SqliteCommand>> Kept = [];

    /// <summary>Opens the file. A connection that writes creates a missing file, for the host's user alone.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="mode">Whether the connection writes.</param>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The host has no right to create the file.</exception>
    public static SqliteConnection Open(string path, SqliteOpenMode mode = SqliteOpenMode.ReadWriteCreate)
    {
        if (mode == SqliteOpenMode.ReadWriteCreate) Create(path);
        // The pool of the library is static and would outlive the plugin.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 5 }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A command with the values of <c>$1</c>, <c>$2</c> and so on; in a transaction of the connection, if there is one.</summary>
    public static SqliteCommand Prepare(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
        return command;
    }

    /// <summary>
    /// The same command at each call, because preparing a small one takes longer than executing it. The connection disposes it. For constant texts, and for
    /// connections whose transactions are those of <see cref="InTransaction"/>.
    /// </summary>
    public static SqliteCommand PrepareOnce(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        var commands = Kept.GetOrCreateValue(connection);
        if (!commands.TryGetValue(sql, out var command)) return commands[sql] = connection.Prepare(sql, values);
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    /// <summary>Uses the connection in one transaction. An exception rolls it back.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="begin">BEGIN for reading, BEGIN IMMEDIATE for writing.</param>
    /// <param name="use">Executes commands.</param>
    public static T InTransaction<T>(this SqliteConnection connection, string begin, Func<SqliteConnection, T> use)
    {
        // Not the library's transactions: commands that are kept cannot be part of them.
        connection.PrepareOnce(begin).ExecuteNonQuery();
        try
        {
            var result = use(connection);
            connection.PrepareOnce("COMMIT").ExecuteNonQuery();
            return result;
        }
        catch
        {
            RollBack(connection);
            throw;
        }
    }

    /// <returns>The number of changed rows.</returns>
    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using var command = connection.Prepare(sql, values);
        return command.ExecuteNonQuery();
    }

    private static void RollBack(SqliteConnection connection)
    {
        try
        {
            connection.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, as it does when the disk is full.
        }
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

        Directory.CreateDirectory(folder, PrivateFolder);
        // SQLite gives its other files the mode of this one.
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = PrivateFile };
        using (new FileStream(path, options))
        {
        }
    }
}
