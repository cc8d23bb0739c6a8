using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Sessions;

/// <summary>What sessions log. Exceptions as <see cref="LoggableError"/> only: their text may hold what a user wrote.</summary>
internal static partial class Log
{
    [LoggerMessage(223, LogLevel.Warning, "Plugin '{Plugin}' failed while a session was read or written outside a run.")]
    public static partial void SessionCallFailed(ILogger logger, string plugin, LoggableError exception);

    [LoggerMessage(231, LogLevel.Warning, "Not ready: plugin '{Plugin}' cannot do its work: {Trouble}")]
    public static partial void NotReady(ILogger logger, string plugin, string trouble);

    [LoggerMessage(235, LogLevel.Warning, "Plugin '{Plugin}' is degraded: {Trouble}")]
    public static partial void Degraded(ILogger logger, string plugin, string trouble);

    [LoggerMessage(224, LogLevel.Warning, "Plugin '{Plugin}' failed while session data was deleted.")]
    public static partial void DeleteFailed(ILogger logger, string plugin, LoggableError exception);

    [LoggerMessage(220, LogLevel.Information, "Retention deleted {Deleted} sessions that were idle since {Since:u}; {InUse} came into use again.")]
    public static partial void Retention(ILogger logger, int deleted, DateTimeOffset since, int inUse);

    [LoggerMessage(221, LogLevel.Warning, "Retention deleted {Deleted} sessions that were idle since {Since:u}; {InUse} came into use again, and {Failed} could not be deleted and are tried again later.")]
    public static partial void RetentionFailed(ILogger logger, int deleted, DateTimeOffset since, int inUse, int failed, LoggableError exception);

    [LoggerMessage(225, LogLevel.Warning, "The clock jumped ahead by {Jump}. Retention ignores the jump for a day; correct the clock if it is wrong.")]
    public static partial void ClockJumped(ILogger logger, TimeSpan jump);

    [LoggerMessage(222, LogLevel.Error, "Retention failed, and begins again later.")]
    public static partial void RetentionStopped(ILogger logger, LoggableError exception);
}
