using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Hosting;

internal static partial class Log
{
    [LoggerMessage(401, LogLevel.Information, "Generation {Generation} serves, with {Agents} agents.")]
    public static partial void Reloaded(ILogger logger, int generation, int agents);

    [LoggerMessage(402, LogLevel.Warning, "The new configuration was refused, and the old one continues to serve: {Errors}")]
    public static partial void ReloadRefused(ILogger logger, string errors);

    [LoggerMessage(407, LogLevel.Warning, "Old copies of plugins could not be deleted: {Reason}")]
    public static partial void CopiesKept(ILogger logger, string reason);

    [LoggerMessage(408, LogLevel.Information, "Plugin '{Plugin}' changed from {From} to {To}.")]
    public static partial void PluginChanged(ILogger logger, string plugin, string from, string to);

    [LoggerMessage(409, LogLevel.Information, "A changed plugin folder is not complete yet: {Missing} The host loads it when it is.")]
    public static partial void FolderIncomplete(ILogger logger, string missing);

    [LoggerMessage(410, LogLevel.Error, "A reload that no caller awaits failed; the old generation continues to serve.")]
    public static partial void ReloadFailed(ILogger logger, LoggableError exception);

    [LoggerMessage(412, LogLevel.Warning, "{Warning}")]
    public static partial void NewWarning(ILogger logger, ConfigurationError warning);

    [LoggerMessage(413, LogLevel.Warning, "{Reason}")]
    public static partial void RestartNeeded(ILogger logger, string reason);

    [LoggerMessage(414, LogLevel.Warning, "Restoring the generation before {Generation}: {Reason}")]
    public static partial void RollingBack(ILogger logger, int generation, string reason);

    [LoggerMessage(415, LogLevel.Information, "The changed plugin files are in use already: a requested reload has taken them over.")]
    public static partial void AlreadyServing(ILogger logger);

    [LoggerMessage(403, LogLevel.Information, "Stopping: running runs may end within {Deadline}.")]
    public static partial void Stopping(ILogger logger, TimeSpan deadline);
}
