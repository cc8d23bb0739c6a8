using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PluginHost.Benchmarks.Telemetry;

/// <summary>
/// Creates the spans and measurements of a recorded run again, with the same names, parents, attributes and values, without executing a
/// run: what the OpenTelemetry SDK itself costs.
/// </summary>
internal sealed class SpanReplay
{
    private readonly List<Span> _roots = [];
    private readonly List<ReplayedMeasurement> _others = [];
    private readonly Dictionary<string, ActivitySource> _sources = new(StringComparer.Ordinal);

    private SpanReplay(IReadOnlyList<Activity> spans, IEnumerable<(Activity? Span, ReplayedMeasurement Measurement)> measurements)
    {
        var created = new Dictionary<Activity, Span>();
        foreach (var activity in spans)
        {
            if (!_sources.TryGetValue(activity.Source.Name, out var source))
                source = _sources[activity.Source.Name] = new ActivitySource(activity.Source.Name, activity.Source.Version);
            var span = created[activity] = new Span(source, activity.DisplayName, activity.Kind, [.. activity.TagObjects], [], []);
            var siblings = activity.Parent is { } parent && created.TryGetValue(parent, out var parentSpan) ? parentSpan.Children : _roots;
            siblings.Add(span);
        }

        foreach (var (span, measurement) in measurements) (span is not null && created.TryGetValue(span, out var at) ? at.Measurements : _others).Add(measurement);
        Count = spans.Count;
        MeasurementCount = _others.Count + created.Values.Sum(s => s.Measurements.Count);
    }

    public int Count { get; }

    public int MeasurementCount { get; }

    /// <summary>Records the spans and measurements that the host makes for one run.</summary>
    public static async Task<SpanReplay> RecordAsync(Func<Task> run)
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => IsOfHost(source.Name),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var measurements = new List<(Activity?, ReplayedMeasurement)>();
        using var meters = new MeterListener
        {
            InstrumentPublished = static (instrument, meters) =>
            {
                if (!instrument.IsObservable && IsOfHost(instrument.Meter.Name)) meters.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        meters.Start();
        await run();
        return new(spans, measurements);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            measurements.Add((Activity.Current, ReplayedMeasurement.From(instrument, value, tags)));
    }

    public void Play()
    {
        foreach (var span in _roots) span.Play();
        foreach (var measurement in _others) measurement.Play();
    }

    private static bool IsOfHost(string name) => name.StartsWith("PluginHost", StringComparison.Ordinal);

    private sealed record Span(
        ActivitySource Source, string Name, ActivityKind Kind, KeyValuePair<string, object?>[] Tags, List<Span> Children, List<ReplayedMeasurement> Measurements)
    {
        public void Play()
        {
            using var activity = Source.StartActivity(Name, Kind);
            foreach (var (key, value) in Tags) activity?.AddTag(key, value);
            foreach (var span in Children) span.Play();
            foreach (var measurement in Measurements) measurement.Play();
        }
    }
}
