namespace PluginHost.Native;

/// <summary>How the host's own telemetry fares. Thread-safe.</summary>
internal interface ITelemetryHealth
{
    /// <summary>The signals that are sent to a collector; empty when none is.</summary>
    IReadOnlyList<SignalHealth> Signals { get; }
}

/// <summary>What was lost of one signal since the start.</summary>
/// <param name="Signal"><c>traces</c>, <c>metrics</c> or <c>logs</c>.</param>
/// <param name="FailedExports">Attempts to send a batch that failed.</param>
/// <param name="DroppedItems">Spans or log records for which the queue had no room.</param>
/// <param name="LastError">The low-cardinality type of the last failure; null when there was none.</param>
/// <param name="LastFailureAt">When that was.</param>
internal sealed record SignalHealth(string Signal, long FailedExports, long DroppedItems, string? LastError, DateTimeOffset? LastFailureAt);
