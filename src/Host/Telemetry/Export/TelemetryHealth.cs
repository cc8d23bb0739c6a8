using PluginHost.Native;

namespace PluginHost.Telemetry.Export;

/// <summary>What was lost of the telemetry that should have been sent, by signal. Thread-safe.</summary>
internal sealed class TelemetryHealth(TimeProvider time) : ITelemetryHealth
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, SignalHealth> _signals = new(StringComparer.Ordinal);

    public IReadOnlyList<SignalHealth> Signals
    {
        get
        {
            lock (_gate) return [.. _signals.Values];
        }
    }

    /// <summary>A signal is sent from now on.</summary>
    public void Add(string signal) => Change(signal, s => s);

    public void Failed(string signal, string errorType) => Change(
        signal, s => s with { FailedExports = s.FailedExports + 1, LastError = errorType, LastFailureAt = time.GetUtcNow() });

    public void Dropped(string signal, long items) => Change(signal, s => s with { DroppedItems = s.DroppedItems + items });

    private void Change(string signal, Func<SignalHealth, SignalHealth> change)
    {
        lock (_gate) _signals[signal] = change(_signals.GetValueOrDefault(signal) ?? new SignalHealth(signal, 0, 0, null, null));
    }
}
