namespace PluginHost.Engine.Hosting;

internal static partial class Log
{
    [LoggerMessage(401, LogLevel.Information, "The configuration was read again; {Agents} agents serve with it.")]
    public static partial void Reloaded(ILogger logger, int agents);

    [LoggerMessage(402, LogLevel.Warning, "The new configuration was refused, and the old one continues to serve: {Errors}")]
    public static partial void ReloadRefused(ILogger logger, string errors);

    [LoggerMessage(407, LogLevel.Warning, "Old copies of plugins could not be deleted: {Reason}")]
    public static partial void CopiesKept(ILogger logger, string reason);

    [LoggerMessage(403, LogLevel.Information, "Stopping: running runs may end within {Deadline}.")]
    public static partial void Stopping(ILogger logger, TimeSpan deadline);
}
