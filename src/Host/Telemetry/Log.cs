namespace PluginHost.Telemetry;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Telemetry is being lost: sending {Signal} to {Endpoint} failed ({ErrorType}); {Failures} failed attempts since this was last logged. " +
        "Check that the collector runs and that OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL fit it. Runs are not affected.")]
    public static partial void ExportFailed(ILogger logger, string signal, string endpoint, string errorType, long failures);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The collector did not take the last telemetry within {Timeout}; what was left is lost.")]
    public static partial void ShutdownCut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Information, Message = "Prometheus may scrape {Address}.")]
    public static partial void Scrapable(ILogger logger, string address);
}
