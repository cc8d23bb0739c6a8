using PluginHost.Pipeline;

namespace PluginHost.Sessions;

/// <summary>What sessions log. Exceptions as <see cref="LoggableError"/> only: their text may hold what a user wrote.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Warning, "Run {Run} of session {Session} failed ({ErrorType}). The run's record says why.")]
    public static partial void RunFailed(ILogger logger, string run, string session, string errorType, LoggableError? exception);

    [LoggerMessage(201, LogLevel.Error, "Run {Run} broke off before it could begin.")]
    public static partial void RunBroke(ILogger logger, string run, LoggableError exception);

    [LoggerMessage(202, LogLevel.Error, "Run {Run} could not be stored.")]
    public static partial void SaveFailed(ILogger logger, string run, LoggableError exception);

    [LoggerMessage(203, LogLevel.Warning, "Plugin '{Plugin}' failed after run {Run}.")]
    public static partial void AfterWorkFailed(ILogger logger, string plugin, string run, LoggableError exception);

    [LoggerMessage(216, LogLevel.Warning, "Plugin '{Plugin}' wanted to keep more in the session's state after run {Run} than {Limit} bytes leave room for (Sessions:MaxStateBytes); its state stays as it was.")]
    public static partial void StateRefused(ILogger logger, string plugin, string run, int limit);

    [LoggerMessage(205, LogLevel.Warning, "Plugin '{Plugin}' failed while a session was read or written outside a run.")]
    public static partial void SessionCallFailed(ILogger logger, string plugin, LoggableError exception);

    [LoggerMessage(204, LogLevel.Warning, "Plugin '{Plugin}' failed while session data was deleted.")]
    public static partial void DeleteFailed(ILogger logger, string plugin, LoggableError exception);

    [LoggerMessage(220, LogLevel.Information, "Retention deleted {Deleted} sessions that were idle since {Since:u}; {InUse} came into use again.")]
    public static partial void Retention(ILogger logger, int deleted, DateTimeOffset since, int inUse);

    [LoggerMessage(221, LogLevel.Warning, "Retention deleted {Deleted} sessions that were idle since {Since:u}; {InUse} came into use again, and {Failed} could not be deleted and are tried again later.")]
    public static partial void RetentionFailed(ILogger logger, int deleted, DateTimeOffset since, int inUse, int failed, LoggableError exception);

    [LoggerMessage(222, LogLevel.Error, "Retention could not go on, and begins again later.")]
    public static partial void RetentionStopped(ILogger logger, LoggableError exception);
}
