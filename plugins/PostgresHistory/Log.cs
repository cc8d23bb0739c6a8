using Microsoft.Extensions.Logging;

namespace PluginHost.Postgres;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Opened the schema '{Schema}' at {Server} (version {Version}).")]
    public static partial void Opened(ILogger logger, string schema, string server, int version);

    [LoggerMessage(2, LogLevel.Information, "Migrated the schema '{Schema}' at {Server} from version {From} to {To}.")]
    public static partial void Migrated(ILogger logger, string schema, string server, int from, int to);

    [LoggerMessage(3, LogLevel.Error, "{Reason}")]
    public static partial void Failed(ILogger logger, string reason, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "The database {Server} can be used again.")]
    public static partial void Recovered(ILogger logger, string server);

    [LoggerMessage(5, LogLevel.Error, "The {Kind} '{Id}' in {Server} cannot be read ({Reason}). Lists skip it. Delete its session, or restore a backup.")]
    public static partial void CorruptRecord(ILogger logger, string kind, string id, string server, string reason);

    [LoggerMessage(6, LogLevel.Warning, "The server {Server} has {Setting} = off: what was stored may be lost when it crashes. Set it to on.")]
    public static partial void NotDurable(ILogger logger, string server, string setting);

    [LoggerMessage(7, LogLevel.Warning, "The host starts without its database, and is not ready until it can be reached. {Reason}")]
    public static partial void StartsWithout(ILogger logger, string reason);

    [LoggerMessage(8, LogLevel.Debug, "{Count} saves in one transaction failed at {Server}. Each is written alone.")]
    public static partial void GroupFailed(ILogger logger, int count, string server, Exception exception);
}
