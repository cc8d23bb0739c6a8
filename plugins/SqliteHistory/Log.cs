using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Opened the database '{Path}' (schema version {Version}).")]
    public static partial void Opened(ILogger logger, string path, int version);

    [LoggerMessage(2, LogLevel.Information, "Brought the database '{Path}' from schema version {From} to {To}.")]
    public static partial void Migrated(ILogger logger, string path, long from, int to);

    [LoggerMessage(3, LogLevel.Error, "{Reason}")]
    public static partial void CommitFailed(ILogger logger, string reason, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "The database '{Path}' can be written again.")]
    public static partial void Recovered(ILogger logger, string path);

    [LoggerMessage(5, LogLevel.Warning, "A failed transaction on '{Path}' could not be rolled back; the connection is opened anew.")]
    public static partial void RollbackFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "{Reason}")]
    public static partial void Damaged(ILogger logger, string reason, Exception exception);

    [LoggerMessage(8, LogLevel.Error, "The database '{Path}' is damaged ({Reason}), so it was set aside as '{Aside}' and a new one was begun. Recover what it holds with 'sqlite3 {Aside} .recover'.")]
    public static partial void SetAside(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(6, LogLevel.Warning, "The database '{Path}' could not be closed in order; nothing is lost.")]
    public static partial void CloseFailed(ILogger logger, string path, Exception exception);
}
