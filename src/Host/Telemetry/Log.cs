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

    [LoggerMessage(304, LogLevel.Warning,
        "Telemetry is being lost: the collector {Endpoint} refuses the credentials of the export of {Signal} ({ErrorType}). " +
        "Set them in OTEL_EXPORTER_OTLP_HEADERS, for example authorization=Bearer%20<token>. Runs are not affected.")]
    public static partial void CredentialsRefused(ILogger logger, string endpoint, string signal, string errorType);

    [LoggerMessage(305, LogLevel.Warning, "These variables have no effect, because this host does not know them: {Names}. Those that it knows are in docs/telemetry.md.")]
    public static partial void VariablesIgnored(ILogger logger, string names);

    [LoggerMessage(306, LogLevel.Warning,
        "Telemetry is being lost: the collector accepted batches of {Signal} and rejected {Rejected} items of them since the last message. Its log says why.")]
    public static partial void ItemsRejected(ILogger logger, string signal, long rejected);

    [LoggerMessage(303, LogLevel.Information, "Serving metrics for Prometheus at {Address}.")]
    public static partial void ServingMetrics(ILogger logger, string address);
}
