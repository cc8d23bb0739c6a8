using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>The database could not be opened, read or written. The message names cause and remedy.</summary>
/// <param name="message">Cause and remedy for an operator.</param>
/// <param name="innerException">SQLite's error; null when the error is the store's.</param>
public sealed class SqliteStoreException(string message, Exception? innerException = null) : StorageException(message, innerException)
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, Constraint = 19, NotADatabase = 26;

    internal static Exception From(Exception exception, string path) =>
        exception is SqliteException sqlite ? new SqliteStoreException(Describe(sqlite, path), sqlite) : exception;

    /// <summary>Whether the connection may be unusable and must be replaced.</summary>
    internal static bool BreaksConnection(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: ReadOnly or IoError or Corrupt or CannotOpen or NotADatabase };

    /// <summary>Whether the disk is full.</summary>
    internal static bool IsFull(Exception exception) => exception is SqliteException { SqliteErrorCode: Full };

    /// <summary>Whether the content of the file is damaged.</summary>
    internal static bool IsDamage(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: Corrupt or NotADatabase } || exception.InnerException is { } inner && IsDamage(inner);

    /// <summary>The file is no longer at its path. Commits to it would be lost silently.</summary>
    internal static SqliteStoreException CreateFileMoved(string path) => new(
        $"The database '{path}' was removed or replaced while the host was running. Restore the file, or restart the " +
        "host to use the current file.");

    /// <summary>The file is read-only. SQLite opens it anyway and reports an unrelated error later.</summary>
    internal static SqliteStoreException CreateReadOnly(string path) => new(DescribeReadOnly(path));

    private static string DescribeReadOnly(string path) =>
        $"The database '{path}' is read-only. Give the host's user write access to the file and its folder.";

    private static string Describe(SqliteException exception, string path) => exception.SqliteErrorCode switch
    {
        Full => $"The disk of the database '{path}' is full. Free disk space; no restart is needed.",
        Busy or Locked => $"The database '{path}' is locked by another program. Close that program, or let it read a copy.",
        ReadOnly => DescribeReadOnly(path),
        Corrupt => $"The database '{path}' is damaged ({exception.Message}). Stop the host and restore a backup, or recover the file with 'sqlite3 {path} .recover'. Or set OnDamage to 'set-aside' and restart: the host renames the file and creates a new one.",
        NotADatabase => $"The file '{path}' is not a SQLite database, or it is encrypted or damaged. Set Path to another file, or restore a backup. Or set OnDamage to 'set-aside' and restart: the host renames the file and creates a new one.",
        CannotOpen => $"The database '{path}' cannot be opened. Check that its folder exists and that the host's user can read and write it.",
        Constraint => $"Duplicate message: the database '{path}' already holds a message with the same id in this session.",
        IoError => $"The disk of the database '{path}' reported an error (SQLite {exception.SqliteExtendedErrorCode}). Check the disk.",
        _ => $"The database '{path}' failed: {exception.Message}",
    };
}
