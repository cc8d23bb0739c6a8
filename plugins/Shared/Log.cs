using Microsoft.Extensions.Logging;

namespace PluginHost.Shared;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Failure} Retry {Retry} of {Retries} in {Seconds:0.##} s.")]
    public static partial void Retrying(ILogger logger, string failure, int retry, int retries, double seconds);
}
