namespace PluginHost.Engine.Plugins.Activation;

internal static partial class Log
{
    // The error is reported without a stack trace, which a plugin's author gets at this level.
    [LoggerMessage(130, LogLevel.Debug, "Plugin {Plugin}: its {Action} failed.")]
    public static partial void PluginFailed(ILogger logger, string plugin, string action, Exception exception);
}
