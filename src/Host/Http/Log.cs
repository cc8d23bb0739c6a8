using PluginHost.Engine.Errors;

namespace PluginHost.Http;

/// <summary>The log of requests. It has routes, never paths: those hold the callers' ids.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Method} {Route} refused: {Status} {Problem}")]
    public static partial void Refused(ILogger logger, string method, string route, int status, string problem);

    [LoggerMessage(9, LogLevel.Debug, "{Method} {Route} refused for now: {Status} {Problem}")]
    public static partial void RefusedForNow(ILogger logger, string method, string route, int status, string problem);

    [LoggerMessage(2, LogLevel.Debug, "{Method} {Route}: the caller's connection was lost")]
    public static partial void ConnectionLost(ILogger logger, string method, string route);

    [LoggerMessage(3, LogLevel.Error, "{Method} {Route} failed unexpectedly (trace {TraceId})")]
    public static partial void Unexpected(ILogger logger, string method, string route, string traceId, LoggableError exception);

    [LoggerMessage(4, LogLevel.Information, "Removed the socket file {Path}: nothing listened on it")]
    public static partial void StaleSocketRemoved(ILogger logger, string path);

    [LoggerMessage(5, LogLevel.Information, "The keys of {File} were read again; there are {Count}")]
    public static partial void KeysReplaced(ILogger logger, string file, int count);

    [LoggerMessage(6, LogLevel.Error, "{File} has errors; the previous keys stay valid: {Errors}")]
    public static partial void KeysRefused(ILogger logger, string file, string errors);

    [LoggerMessage(7, LogLevel.Information, "A token was refused: {Reason}")]
    public static partial void TokenRefused(ILogger logger, string reason);

    [LoggerMessage(12, LogLevel.Warning, "{File} has no keys any more; all of its keys are revoked")]
    public static partial void KeysRevoked(ILogger logger, string file);

    [LoggerMessage(13, LogLevel.Information, "{Count} lines about refused requests without a known sender were left out")]
    public static partial void RefusalsLeftOut(ILogger logger, long count);

    [LoggerMessage(14, LogLevel.Error, "The files of Cluster:Tls have errors; the previous certificates stay: {Error}")]
    public static partial void CertificatesNotRead(ILogger logger, string error);

    [LoggerMessage(15, LogLevel.Warning, "A connection between hosts was refused, because of the certificate of the other side: {Why}. Give all hosts certificates of the same authorities, with the same name (Cluster:Tls)")]
    public static partial void CertificateRefused(ILogger logger, string why);

    [LoggerMessage(8, LogLevel.Error, "A token could not be checked")]
    public static partial void TokenUnchecked(ILogger logger, Exception exception);
}
