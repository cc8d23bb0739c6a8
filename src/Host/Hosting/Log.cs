using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;

namespace PluginHost.Hosting;

internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Information, "PluginHost {Version} serves on {Addresses}. Agents: {Agents}. Configuration: {File}")]
    public static partial void Serving(ILogger logger, string version, string addresses, string agents, string file);

    [LoggerMessage(401, LogLevel.Information, "The configuration was read again; {Agents} agents serve with it.")]
    public static partial void Reloaded(ILogger logger, int agents);

    [LoggerMessage(402, LogLevel.Warning, "The configuration was not taken over, the old one goes on serving: {Errors}")]
    public static partial void ReloadRefused(ILogger logger, string errors);

    [LoggerMessage(406, LogLevel.Warning, "{Warning}")]
    public static partial void SetupWarning(ILogger logger, ConfigurationError warning);

    [LoggerMessage(403, LogLevel.Information, "Stopping: running runs may end within {Deadline}.")]
    public static partial void Stopping(ILogger logger, TimeSpan deadline);

    [LoggerMessage(404, LogLevel.Error, "A task that nobody waits for has failed; the host goes on. A plugin left it behind, if it is not the host's own.")]
    public static partial void StrayTask(ILogger logger, LoggableError exception);

    [LoggerMessage(405, LogLevel.Critical, "A thread or timer that is not a run's has failed; the host goes on. A plugin left it behind, if it is not the host's own.")]
    public static partial void StrayThread(ILogger logger, LoggableError exception);
}
