namespace PluginHost.Telemetry;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Telemetry is being lost: sending {Signal} to {Endpoint} failed ({ErrorType}); {Failures} failed attempts since this was last logged. " +
        "Check that the collector runs and that OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL fit it. Runs are not affected.")]
    public static partial void ExportFailed(ILogger logger, string signal, string endpoint, string errorType, long failures);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Telemetry is being lost: the queue of {Signal} is full, and {Dropped} items were dropped since this was last logged. " +
        "The collector is slow or away; OTEL_BSP_MAX_QUEUE_SIZE and OTEL_BLRP_MAX_QUEUE_SIZE make the queues longer. Runs are not affected.")]
    public static partial void Dropped(ILogger logger, string signal, long dropped);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The collector did not take the last telemetry within {Timeout}; what was left is lost.")]
    public static partial void ShutdownCut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Information, Message = "Prometheus may scrape {Address}.")]
    public static partial void Scrapable(ILogger logger, string address);
}
