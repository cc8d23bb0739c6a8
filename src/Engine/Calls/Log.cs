using PluginHost.Engine.Observation;

namespace PluginHost.Engine.Calls;

internal static partial class Log
{
    [LoggerMessage(120, LogLevel.Warning,
        "Plugin '{Plugin}' has blocked its thread in {Operation} for {Lasted}. From now on its calls begin on separate threads.")]
    public static partial void ThreadKept(ILogger logger, string plugin, HostOperation operation, TimeSpan lasted);
}
