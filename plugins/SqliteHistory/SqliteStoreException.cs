using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>The database could not be opened, read or written. The message says why, and what cures it.</summary>
/// <param name="message">For an operator.</param>
/// <param name="innerException">What SQLite said; null when the store itself refuses.</param>
public sealed class SqliteStoreException(string message, Exception? innerException = null) : StorageException(message, innerException)
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, Constraint = 19, NotADatabase = 26;

    internal static Exception From(Exception exception, string path) =>
        exception is SqliteException sqlite ? new SqliteStoreException(Describe(sqlite, path), sqlite) : exception;

    /// <summary>Whether the connection itself may be unusable, so that a new one is needed.</summary>
    internal static bool BreaksConnection(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: ReadOnly or IoError or Corrupt or CannotOpen or NotADatabase };

    /// <summary>Whether what the file holds is broken, and not only the way to it.</summary>
    internal static bool IsDamage(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: Corrupt or NotADatabase } || exception.InnerException is { } inner && IsDamage(inner);

    /// <summary>Commits to a file that is not at its path would be lost without a word.</summary>
    internal static SqliteStoreException Gone(string path) => new(
        $"The database '{path}' was removed or replaced while the host runs; nothing was stored. Put the file back, and it is used again at " +
        "once; or restart the host to use what is there now.");

    /// <summary>SQLite opens a file that may not be written all the same, and fails later in ways that do not say so.</summary>
    internal static SqliteStoreException MayNotWrite(string path) => new(DescribeReadOnly(path));

    private static string DescribeReadOnly(string path) =>
        $"The database '{path}' is read-only; nothing was stored. Give the host's user write access to the file and its folder.";

    private static string Describe(SqliteException exception, string path) => exception.SqliteErrorCode switch
    {
        Full => $"The disk that holds the database '{path}' is full; nothing was stored. Free some space: the store then goes on by itself.",
        Busy or Locked => $"The database '{path}' is locked by another program; nothing was stored. Close that program, or let it read a copy.",
        ReadOnly => DescribeReadOnly(path),
        Corrupt => $"The database '{path}' is damaged ({exception.Message}). Stop the host and restore a backup, or recover the file with 'sqlite3 {path} .recover'; or set OnDamage to 'set-aside' and restart, to keep it beside a new one.",
        NotADatabase => $"The file '{path}' is not a SQLite database, or it is encrypted or damaged. Set Path to another file, or restore a backup; or set OnDamage to 'set-aside' and restart, to keep it beside a new one.",
        CannotOpen => $"The database '{path}' cannot be opened. Check that its folder exists and that the host's user may read and write there.",
        Constraint => $"The database '{path}' holds one of these messages already, under the same id in the same session; nothing was stored.",
        IoError => $"The disk that holds the database '{path}' reported an error (SQLite {exception.SqliteExtendedErrorCode}); nothing was stored. Check the disk.",
        _ => $"The database '{path}' could not be used: {exception.Message}",
    };
}
