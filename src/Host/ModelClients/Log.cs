namespace PluginHost.ModelClients;

internal static partial class Log
{
    [LoggerMessage(320, LogLevel.Warning, "The model at {Endpoint} failed ({Cause}). Retry {Retry} of {Retries} in {Seconds:0.##} s.")]
    public static partial void RetryingModel(ILogger logger, string endpoint, string cause, int retry, int retries, double seconds);

    [LoggerMessage(322, LogLevel.Warning, "Every user of this machine can read or change '{File}', which holds a model's key. Take that right away with chmod o-rw.")]
    public static partial void KeyFileOpen(ILogger logger, string file);

    [LoggerMessage(323, LogLevel.Warning, "A request for {Path} failed ({ErrorType}). {Details}")]
    public static partial void RelayFailed(ILogger logger, string path, string errorType, string? details);

    [LoggerMessage(324, LogLevel.Warning, "The token of Entra ID, which is valid until {ValidUntil:O}, was not renewed. {Details}")]
    public static partial void TokenNotRenewed(ILogger logger, DateTimeOffset validUntil, string details);
}
