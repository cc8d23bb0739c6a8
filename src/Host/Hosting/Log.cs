using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;

namespace PluginHost.Hosting;

internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Information, "PluginHost {Version} serves on {Addresses}. Agents: {Agents}. Configuration: {File}")]
    public static partial void Serving(ILogger logger, string version, string addresses, string agents, string file);

    [LoggerMessage(406, LogLevel.Warning, "{Warning}")]
    public static partial void SetupWarning(ILogger logger, ConfigurationError warning);

    [LoggerMessage(411, LogLevel.Error, "The reload on SIGHUP failed; the old generation continues to serve.")]
    public static partial void SignalReloadFailed(ILogger logger, LoggableError exception);

    [LoggerMessage(404, LogLevel.Error, "A task that no caller awaits has failed; the host continues. It is a plugin's, if it is not the host's own.")]
    public static partial void StrayTask(ILogger logger, LoggableError exception);

    [LoggerMessage(405, LogLevel.Critical, "A thread or timer outside of runs has failed; the host continues. It is a plugin's, if it is not the host's own.")]
    public static partial void StrayThread(ILogger logger, LoggableError exception);
}
