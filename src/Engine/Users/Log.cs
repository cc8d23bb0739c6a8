using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Users;

internal static partial class Log
{
    [LoggerMessage(270, LogLevel.Warning, "Plugin '{Plugin}' failed while data of a user was read or deleted.")]
    public static partial void UserCallFailed(ILogger logger, string plugin, LoggableError exception);
}
