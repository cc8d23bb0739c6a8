namespace PluginHost.ModelClients;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The model at {Endpoint} failed ({Cause}); trying again in {Seconds:0.##} s, retry {Retry} of {Retries}.")]
    public static partial void RetryingModel(ILogger logger, string endpoint, string cause, double seconds, int retry, int retries);
}
