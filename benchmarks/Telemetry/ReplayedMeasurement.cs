using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace PluginHost.Benchmarks.Telemetry;

/// <summary>A measurement of a recorded run, to be made again with an instrument of the same name, kind and buckets.</summary>
/// <param name="Instrument">The instrument.</param>
/// <param name="Value">The value.</param>
/// <param name="Tags">The attributes.</param>
internal sealed record ReplayedMeasurement(Instrument Instrument, double Value, KeyValuePair<string, object?>[] Tags)
{
    private static readonly ConcurrentDictionary<string, Meter> Meters = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, Instrument> Instruments = new(StringComparer.Ordinal);

    public static ReplayedMeasurement From(Instrument recorded, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        new(Instruments.GetOrAdd(recorded.Name, static (_, original) => Create(original), recorded), value, tags.ToArray());

    public void Play()
    {
        switch (Instrument)
        {
            case Histogram<double> histogram: histogram.Record(Value, Tags); break;
            case Histogram<long> histogram: histogram.Record((long)Value, Tags); break;
            case Counter<long> counter: counter.Add((long)Value, Tags); break;
            case UpDownCounter<long> counter: counter.Add((long)Value, Tags); break;
        }
    }

    private static Instrument Create(Instrument original)
    {
        var meter = Meters.GetOrAdd(original.Meter.Name, static name => new Meter(name));
        return original switch
        {
            Histogram<double> histogram => meter.CreateHistogram(original.Name, original.Unit, original.Description, null, histogram.Advice),
            Histogram<long> histogram => meter.CreateHistogram(original.Name, original.Unit, original.Description, null, histogram.Advice),
            Counter<long> => meter.CreateCounter<long>(original.Name, original.Unit, original.Description),
            UpDownCounter<long> => meter.CreateUpDownCounter<long>(original.Name, original.Unit, original.Description),
            _ => throw new NotSupportedException($"The benchmark cannot repeat the instrument {original.Name}."),
        };
    }
}
