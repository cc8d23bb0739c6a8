namespace PluginHost.Engine.Plugins.Activation;

internal static partial class Log
{
    // The error itself is reported without a stack trace; a plugin's author needs one, and asks for it with this level.
    [LoggerMessage(1, LogLevel.Debug, "Plugin {Plugin}: its {Action} failed.")]
    public static partial void PluginFailed(ILogger logger, string plugin, string action, Exception exception);
}
