using System.Diagnostics.Metrics;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Metrics;

/// <summary>The instruments of the export of telemetry. Thread-safe.</summary>
internal sealed class ExportInstruments
{
    private readonly ObservableGauge<long> _queueSize;
    private readonly ObservableGauge<long> _queueCapacity;
    private readonly ObservableGauge<double> _lastSuccess;
    private volatile Func<IReadOnlyList<SignalHealth>>? _signals;

    public ExportInstruments(Meter meter)
    {
        Sent = meter.CreateCounter<long>(MetricNames.Sent, Units.Items, "Spans, points and log records that the collector accepted.");
        Rejected = meter.CreateCounter<long>(MetricNames.Rejected, Units.Items, "Items of accepted batches that the collector rejected.");
        Failures = meter.CreateCounter<long>(MetricNames.ExportFailures, Units.Batches, "Failed attempts to export a batch to the collector.");
        Dropped = meter.CreateCounter<long>(MetricNames.Dropped, Units.Items, "Spans and log records that a full export queue dropped.");
        _queueSize = meter.CreateObservableGauge(MetricNames.QueueSize, () => Read<long>(s => s.QueuedItems), Units.Items, "Spans and log records that wait to be sent.");
        _queueCapacity = meter.CreateObservableGauge(MetricNames.QueueCapacity, () => Read<long>(s => s.QueueCapacity), Units.Items, "How many spans and log records may wait to be sent.");
        _lastSuccess = meter.CreateObservableGauge(
            MetricNames.LastSuccess, () => Read<double>(s => s.LastSuccessAt?.ToUnixTimeMilliseconds() / 1000.0), Units.Seconds, "When a batch was accepted or scraped last, in seconds since 1970.");
    }

    public Counter<long> Sent { get; }

    public Counter<long> Rejected { get; }

    public Counter<long> Failures { get; }

    public Counter<long> Dropped { get; }

    /// <summary>Begins the series of losses with 0, because an increase shows only in a series that exists.</summary>
    public void Begin(IEnumerable<SignalHealth> signals)
    {
        foreach (var signal in signals.Where(s => s.Exporter == TelemetryHealth.Otlp))
        {
            KeyValuePair<string, object?> tag = new(Attributes.Signal, signal.Signal);
            Rejected.Add(0, tag, By(signal.Exporter));
            if (signal.QueueCapacity is not null) Dropped.Add(0, tag, By(signal.Exporter));
        }
    }

    /// <summary>Gets what the queues are read from, whenever metrics are collected.</summary>
    public void ObserveQueues(Func<IReadOnlyList<SignalHealth>> signals) => _signals = signals;

    /// <summary>The exporter of a measurement. It is the last attribute.</summary>
    public static KeyValuePair<string, object?> By(string exporter) => new(Attributes.Exporter, exporter);

    private IEnumerable<Measurement<T>> Read<T>(Func<SignalHealth, T?> select)
        where T : struct
    {
        foreach (var signal in _signals?.Invoke() ?? [])
        {
            if (select(signal) is { } value) yield return new(value, new KeyValuePair<string, object?>(Attributes.Signal, signal.Signal), By(signal.Exporter));
        }
    }
}
