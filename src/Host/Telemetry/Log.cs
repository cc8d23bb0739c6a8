namespace PluginHost.Telemetry;

internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Warning,
        "Telemetry is being lost: the export of {Signal} to {Endpoint} failed ({ErrorType}), {Failures} times since the last message. " +
        "Check that the collector runs and that OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL match it. Runs are not affected.")]
    public static partial void ExportFailed(ILogger logger, string signal, string endpoint, string errorType, long failures);

    [LoggerMessage(301, LogLevel.Warning,
        "Telemetry is being lost: the queue of {Signal} is full, {Dropped} items were dropped since the last message. " +
        "Check that the collector is reachable and fast enough, or raise OTEL_BSP_MAX_QUEUE_SIZE and OTEL_BLRP_MAX_QUEUE_SIZE. Runs are not affected.")]
    public static partial void ItemsDropped(ILogger logger, string signal, long dropped);

    [LoggerMessage(302, LogLevel.Warning,
        "The collector did not accept the remaining telemetry within {Timeout}. It is lost.")]
    public static partial void ShutdownTimedOut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(303, LogLevel.Information, "Serving metrics for Prometheus at {Address}.")]
    public static partial void ServingMetrics(ILogger logger, string address);
}
