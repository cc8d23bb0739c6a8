using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Opened the database '{Path}' (schema version {Version}).")]
    public static partial void Opened(ILogger logger, string path, int version);

    [LoggerMessage(2, LogLevel.Information, "Migrated the database '{Path}' from schema version {From} to {To}.")]
    public static partial void Migrated(ILogger logger, string path, long from, int to);

    [LoggerMessage(14, LogLevel.Information, "Migrating the database '{Path}' ({Megabytes} MB) from schema version {From} to {To}. Large databases take minutes. When the host is stopped, the next start begins again.")]
    public static partial void Migrating(ILogger logger, string path, long megabytes, long from, int to);

    [LoggerMessage(3, LogLevel.Error, "{Reason}")]
    public static partial void CommitFailed(ILogger logger, string reason, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "The database '{Path}' is writable again.")]
    public static partial void Recovered(ILogger logger, string path);

    [LoggerMessage(5, LogLevel.Warning, "Could not roll back a failed transaction on '{Path}'. The connection is reopened.")]
    public static partial void RollbackFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "{Reason}")]
    public static partial void Damaged(ILogger logger, string reason, Exception exception);

    [LoggerMessage(8, LogLevel.Error, "The database '{Path}' is damaged ({Reason}). It was renamed to '{Aside}' and a new database was created. Recover its content with 'sqlite3 {Aside} .recover'.")]
    public static partial void SetAside(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(9, LogLevel.Error, "The {Kind} '{Id}' in the database '{Path}' cannot be read ({Reason}). Lists skip it. Delete its session, or restore a backup.")]
    public static partial void CorruptRecord(ILogger logger, string kind, string id, string path, string reason);

    [LoggerMessage(10, LogLevel.Warning, "The write-ahead log of '{Path}' has {Megabytes} MB and cannot shrink while another program reads the database, or a backup copies it. Close that program, or let it read a copy.")]
    public static partial void LargeLog(ILogger logger, string path, long megabytes);

    [LoggerMessage(11, LogLevel.Debug, "Could not reserve disk space in '{Path}' ({Reason}). Sessions cannot be deleted while the disk is full.")]
    public static partial void NoReserve(ILogger logger, string path, string reason);

    [LoggerMessage(12, LogLevel.Warning, "Other users may read the database '{Path}' (mode {Mode}), which holds conversations. Run: chmod 600 '{Path}'*.")]
    public static partial void WideFile(ILogger logger, string path, string mode);

    [LoggerMessage(13, LogLevel.Warning, "Kept a copy of the database '{Path}' with schema version {Version} before its migration: '{Copy}'. It holds conversations, also those that are deleted from now on: delete it when you will not go back.")]
    public static partial void KeptBeforeMigration(ILogger logger, string path, long version, string copy);

    [LoggerMessage(6, LogLevel.Warning, "Could not close the database '{Path}' cleanly. No data is lost.")]
    public static partial void CloseFailed(ILogger logger, string path, Exception exception);
}
