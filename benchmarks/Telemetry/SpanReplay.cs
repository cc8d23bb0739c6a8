using System.Diagnostics;

namespace PluginHost.Benchmarks.Telemetry;

/// <summary>Creates the spans of a recorded run again, with the same names, parents and attributes, without executing a run.</summary>
internal sealed class SpanReplay
{
    private readonly List<Span> _roots = [];
    private readonly Dictionary<string, ActivitySource> _sources = new(StringComparer.Ordinal);

    private SpanReplay(IReadOnlyList<Activity> spans)
    {
        var created = new Dictionary<Activity, Span>();
        foreach (var activity in spans)
        {
            if (!_sources.TryGetValue(activity.Source.Name, out var source))
                source = _sources[activity.Source.Name] = new ActivitySource(activity.Source.Name, activity.Source.Version);
            var span = created[activity] = new Span(source, activity.DisplayName, activity.Kind, [.. activity.TagObjects], []);
            var siblings = activity.Parent is { } parent && created.TryGetValue(parent, out var parentSpan) ? parentSpan.Children : _roots;
            siblings.Add(span);
        }

        Count = spans.Count;
    }

    public int Count { get; }

    /// <summary>Records the spans that the host and Microsoft.Extensions.AI create for one run.</summary>
    public static async Task<SpanReplay> RecordAsync(Func<Task> run)
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("PluginHost", StringComparison.Ordinal),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await run();
        return new(spans);
    }

    public void Play()
    {
        foreach (var span in _roots) span.Play();
    }

    private sealed record Span(ActivitySource Source, string Name, ActivityKind Kind, KeyValuePair<string, object?>[] Tags, List<Span> Children)
    {
        public void Play()
        {
            using var activity = Source.StartActivity(Name, Kind);
            foreach (var (key, value) in Tags) activity?.AddTag(key, value);
            foreach (var span in Children) span.Play();
        }
    }
}
