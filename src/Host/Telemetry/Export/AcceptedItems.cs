using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Metrics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Export;

/// <summary>Counts what the collector accepted of a signal, and counts and logs what it rejected of that. Thread-safe.</summary>
internal sealed class AcceptedItems(string signal, ExportInstruments instruments, TelemetryHealth health, TimeProvider time, ILogger logger)
{
    private static readonly KeyValuePair<string, object?> Otlp = ExportInstruments.By(TelemetryHealth.Otlp);

    private readonly KeyValuePair<string, object?> _tag = new(Attributes.Signal, signal);
    private readonly LogRateLimiter _rate = new(time);

    /// <param name="items">The items of an accepted batch.</param>
    /// <param name="rejected">How many of them were rejected.</param>
    public void Add(long items, long rejected)
    {
        // The number comes from the collector.
        rejected = Math.Clamp(rejected, 0, items);
        health.AddSuccess(signal, items, rejected);
        instruments.Sent.Add(items - rejected, _tag, Otlp);
        if (rejected == 0) return;
        instruments.Rejected.Add(rejected, _tag, Otlp);
        if (_rate.Add(rejected) is { } lost) Log.ItemsRejected(logger, signal, lost);
    }
}
