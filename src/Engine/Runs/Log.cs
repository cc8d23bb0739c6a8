using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Runs;

/// <summary>What runs log. Exceptions as <see cref="LoggableError"/> only: their text may hold what a user wrote.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Warning, "Run {Run} of session {Session} failed ({ErrorType}), request {Request}. The run's record says why.")]
    public static partial void RunFailed(ILogger logger, string run, string session, string errorType, string request, LoggableError? exception);

    [LoggerMessage(219, LogLevel.Information, "Run {Run} was refused by plugin '{Plugin}' ({Code}).")]
    public static partial void RunRefused(ILogger logger, string run, string? plugin, string? code);

    [LoggerMessage(217, LogLevel.Warning, "Run {Run} failed. What its caller does not see: {Details}")]
    public static partial void FailureDetails(ILogger logger, string run, string details);

    [LoggerMessage(201, LogLevel.Error, "Run {Run} failed before it began.")]
    public static partial void RunBroke(ILogger logger, string run, LoggableError exception);

    [LoggerMessage(202, LogLevel.Error, "Run {Run} could not be stored.")]
    public static partial void SaveFailed(ILogger logger, string run, LoggableError exception);

    [LoggerMessage(203, LogLevel.Warning, "Plugin '{Plugin}' failed after run {Run}.")]
    public static partial void AfterWorkFailed(ILogger logger, string plugin, string run, LoggableError exception);

    [LoggerMessage(216, LogLevel.Warning, "Plugin '{Plugin}' set more session state in run {Run} than {Limit} bytes allow (Sessions:MaxStateBytes); its changes were discarded.")]
    public static partial void StateRefused(ILogger logger, string plugin, string run, int limit);

    [LoggerMessage(218, LogLevel.Warning,
        "Plugin '{Plugin}' failed in run {Run} ({ErrorType}), which continued. {Details} Failures of this plugin and type are not logged again for a minute; each is in its run's record.")]
    public static partial void PluginFailedInRun(ILogger logger, string plugin, string run, string errorType, string? details, LoggableError exception);

    [LoggerMessage(215, LogLevel.Information,
        "Run {Run} of agent {Agent} in session {Session}: {Outcome} in {Milliseconds} ms, {InputTokens} tokens in, {OutputTokens} tokens out, request {Request}.")]
    public static partial void RunEnded(
        ILogger logger, string run, string agent, string session, string outcome, long milliseconds, long inputTokens, long outputTokens, string request);

    [LoggerMessage(207, LogLevel.Information, "Run {Run} of session {Session} waits for the approval of calls: {Tools}.")]
    public static partial void RunParked(ILogger logger, string run, string session, string tools);

    [LoggerMessage(208, LogLevel.Information, "The call of '{Tool}' in run {Run} was {Decision} by {By} (approval {Approval}).")]
    public static partial void ApprovalDecided(ILogger logger, string tool, string run, string decision, string by, string approval);

    [LoggerMessage(209, LogLevel.Error, "The calls of run {Run} were not decided in time, and could not be refused. The host tries again until it succeeds, after {Delay} at most, and does not log it again.")]
    public static partial void ExpiryFailed(ILogger logger, string run, TimeSpan delay, LoggableError exception);

    [LoggerMessage(206, LogLevel.Warning, "Plugin '{Plugin}' failed while data of a stateless run was deleted.")]
    public static partial void CleanUpFailed(ILogger logger, string plugin, LoggableError exception);
}
