namespace PluginHost.ModelClients;

internal static partial class Log
{
    [LoggerMessage(320, LogLevel.Warning, "The model at {Endpoint} failed ({Cause}). Retry {Retry} of {Retries} in {Seconds:0.##} s.")]
    public static partial void RetryingModel(ILogger logger, string endpoint, string cause, int retry, int retries, double seconds);
}
