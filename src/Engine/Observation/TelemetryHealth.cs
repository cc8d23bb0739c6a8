namespace PluginHost.Engine.Observation;

/// <summary>Counts failed exports and dropped items by signal. Thread-safe.</summary>
internal sealed class TelemetryHealth(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, SignalHealth> _signals = new(StringComparer.Ordinal);

    public IReadOnlyList<SignalHealth> Signals
    {
        get
        {
            lock (_lock) return [.. _signals.Values];
        }
    }

    /// <summary>Adds an exported signal.</summary>
    public void AddSignal(string signal) => Update(signal, s => s);

    public void AddFailure(string signal, string errorType) => Update(
        signal, s => s with { FailedExports = s.FailedExports + 1, LastError = errorType, LastFailureAt = time.GetUtcNow() });

    public void AddDropped(string signal, long items) => Update(signal, s => s with { DroppedItems = s.DroppedItems + items });

    private void Update(string signal, Func<SignalHealth, SignalHealth> change)
    {
        lock (_lock) _signals[signal] = change(_signals.GetValueOrDefault(signal) ?? new SignalHealth(signal, 0, 0, null, null));
    }
}

/// <summary>What was lost of one signal since the start.</summary>
/// <param name="Signal"><c>traces</c>, <c>metrics</c> or <c>logs</c>.</param>
/// <param name="FailedExports">Attempts to send a batch that failed.</param>
/// <param name="DroppedItems">Spans or log records for which the queue had no room.</param>
/// <param name="LastError">The low-cardinality type of the last failure; null when there was none.</param>
/// <param name="LastFailureAt">When that was.</param>
internal sealed record SignalHealth(string Signal, long FailedExports, long DroppedItems, string? LastError, DateTimeOffset? LastFailureAt);
