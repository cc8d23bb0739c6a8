using System.Diagnostics.Metrics;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Metrics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// Counts and logs spans and log records that a full export queue dropped. The OpenTelemetry SDK reports them only through its own
/// instruments.
/// </summary>
internal sealed class DroppedItemListener : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly TelemetryInstruments _instruments;
    private readonly TelemetryHealth _health;
    private readonly ILogger _logger;
    private readonly LogRateLimiter _spans;
    private readonly LogRateLimiter _logs;

    public DroppedItemListener(TelemetryInstruments instruments, TelemetryHealth health, TimeProvider time, ILogger logger)
    {
        (_instruments, _health, _logger) = (instruments, health, logger);
        (_spans, _logs) = (new LogRateLimiter(time), new LogRateLimiter(time));
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (GetSignal(instrument) is not null) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(OnMeasurement);
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    private void OnMeasurement(Instrument instrument, long items, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (!IsDrop(tags) || GetSignal(instrument) is not { } signal) return;
        _health.AddDropped(signal, items);
        _instruments.Dropped.Add(items, new KeyValuePair<string, object?>(Attributes.Signal, signal));
        var rate = signal == "traces" ? _spans : _logs;
        if (rate.Add(items) is { } dropped) Log.ItemsDropped(_logger, signal, dropped);
    }

    private static bool IsDrop(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (tag is { Key: "error.type", Value: "queue_full" }) return true;
        }

        return false;
    }

    private static string? GetSignal(Instrument instrument) => instrument.Name switch
    {
        "otel.sdk.processor.span.processed" => "traces",
        "otel.sdk.processor.log.processed" => "logs",
        _ => null,
    };
}
