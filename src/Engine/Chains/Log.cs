using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Chains;

internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Warning,
        "Agent '{Agent}' has no history that loads: it gets an in-memory history, which does not survive a restart. Add a history plugin to its chain to keep sessions.")]
    public static partial void NoHistory(ILogger logger, string agent);

    [LoggerMessage(101, LogLevel.Warning, "Plugin '{Plugin}' failed after the answer was complete; the answer stands.")]
    public static partial void LateError(ILogger logger, string plugin, LoggableError exception);

    [LoggerMessage(102, LogLevel.Warning, "Runs of the previous configuration did not end within {Deadline}; their plugins are disposed now.")]
    public static partial void DrainTimedOut(ILogger logger, TimeSpan deadline);

    [LoggerMessage(103, LogLevel.Warning, "Plugin '{Plugin}' failed while it was stopped.")]
    public static partial void StopFailed(ILogger logger, string plugin, LoggableError exception);

    [LoggerMessage(105, LogLevel.Error, "A handover was undone, and plugin '{Plugin}' failed in doing so.")]
    public static partial void HandoverNotReverted(ILogger logger, string plugin, LoggableError exception);

    [LoggerMessage(104, LogLevel.Warning,
        "No session store is configured: sessions are kept in memory and do not survive a restart. Name one in Sessions:Store.")]
    public static partial void NoStore(ILogger logger);

    [LoggerMessage(106, LogLevel.Warning,
        "The model '{Model}' of agent '{Agent}' takes {Tokens} tokens, as its server says. Until a restart, requests are kept within that. Set Model:ContextTokens to what the server takes.")]
    public static partial void LimitLearned(ILogger logger, string agent, string model, long tokens);
}
