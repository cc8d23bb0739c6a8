using Microsoft.Extensions.Logging;

namespace PluginHost.Memory;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Trouble} Runs continue without these facts.")]
    public static partial void Unusable(ILogger logger, string trouble);
}
