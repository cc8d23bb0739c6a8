using System.Diagnostics.Metrics;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Metrics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// Counts spans and log records that leave an export queue, and counts and logs those that a full one dropped. The OpenTelemetry SDK
/// reports them only through its own instruments.
/// </summary>
internal sealed class DroppedItemListener : IDisposable
{
    private const string Traces = "traces";

    private readonly MeterListener _listener = new();
    private readonly TelemetryInstruments _instruments;
    private readonly TelemetryHealth _health;
    private readonly ILogger _logger;
    private readonly (QueueCounter Spans, QueueCounter Logs) _queues;
    private readonly LogRateLimiter _spans;
    private readonly LogRateLimiter _logs;

    public DroppedItemListener(
        TelemetryInstruments instruments, TelemetryHealth health, (QueueCounter Spans, QueueCounter Logs) queues, TimeProvider time, ILogger logger)
    {
        (_instruments, _health, _queues, _logger) = (instruments, health, queues, logger);
        (_spans, _logs) = (new LogRateLimiter(time), new LogRateLimiter(time));
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (GetSignal(instrument) is { } signal) listener.EnableMeasurementEvents(instrument, signal);
        };
        _listener.SetMeasurementEventCallback<long>(OnMeasurement);
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    private void OnMeasurement(Instrument instrument, long items, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        // Comes with each span, so the name is not looked at again.
        if (state is not string signal) return;
        (ReferenceEquals(signal, Traces) ? _queues.Spans : _queues.Logs).Take(items);
        if (!IsDrop(tags)) return;
        _health.AddDropped(signal, items);
        _instruments.Export.Dropped.Add(items, new(Attributes.Signal, signal), ExportInstruments.By(TelemetryHealth.Otlp));
        var rate = ReferenceEquals(signal, Traces) ? _spans : _logs;
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
        "otel.sdk.processor.span.processed" => Traces,
        "otel.sdk.processor.log.processed" => "logs",
        _ => null,
    };
}
