using PluginHost.Engine.Observation;

namespace PluginHost.Engine.Calls;

internal static partial class Log
{
    [LoggerMessage(120, LogLevel.Warning,
        "Plugin '{Plugin}' keeps the thread it was called on in {Operation}, since {Lasted}. From now on its calls begin on threads of their own.")]
    public static partial void ThreadKept(ILogger logger, string plugin, HostOperation operation, TimeSpan lasted);
}
