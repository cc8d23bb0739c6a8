using PluginHost.Native;

namespace PluginHost.Telemetry.Export;

/// <summary>Counts failed exports and dropped items by signal. Thread-safe.</summary>
internal sealed class TelemetryHealth(TimeProvider time) : ITelemetryHealth
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
