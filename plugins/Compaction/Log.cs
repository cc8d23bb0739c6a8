using Microsoft.Extensions.Logging;

namespace PluginHost.Compaction;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "A summary could not be written ({Reason}). The next run of the session tries again.")]
    public static partial void NotWritten(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "A summary was dropped, because a message that it covers was changed or deleted.")]
    public static partial void Dropped(ILogger logger);
}
