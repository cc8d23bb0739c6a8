using Google.Protobuf;
using PluginHost.Testing.Otlp;

namespace PluginHost.Testing;

/// <summary>The received telemetry. Thread-safe.</summary>
public sealed class ReceivedTelemetry
{
    private readonly Lock _lock = new();
    private readonly List<ReceivedSpan> _spans = [];
    private readonly Dictionary<string, ReceivedPoint> _points = [];
    private readonly List<ReceivedLog> _logs = [];
    private TaskCompletionSource _received = CreateSignal();

    public IReadOnlyList<ReceivedSpan> Spans => Copy(_spans);

    /// <summary>The latest value of each series.</summary>
    public IReadOnlyList<ReceivedPoint> Points => Copy(_points.Values);

    public IReadOnlyList<ReceivedLog> Logs => Copy(_logs);

    /// <summary>Waits until a condition is met. Checks it after every received request.</summary>
    /// <exception cref="OperationCanceledException">The condition was not met within 20 seconds.</exception>
    public async Task WaitForAsync(Func<ReceivedTelemetry, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            Task received;
            lock (_lock) received = _received.Task;
            if (condition(this)) return;
            await received.WaitAsync(limit.Token);
        }
    }

    internal void Add(TraceRequest request) => AddAndSignal(() =>
    {
        foreach (var resource in request.ResourceSpans)
            foreach (var scope in resource.ScopeSpans)
                _spans.AddRange(scope.Spans.Select(s => ToSpan(s, scope.Scope.Name, resource.Resource.Attributes.ToDictionary())));
    });

    internal void Add(MetricsRequest request) => AddAndSignal(() =>
    {
        foreach (var scope in request.ResourceMetrics.SelectMany(r => r.ScopeMetrics))
            foreach (var point in scope.Metrics.SelectMany(m => ToPoints(m, scope.Scope.Name)))
                _points[$"{point.Name} {string.Join(",", point.Attributes.OrderBy(a => a.Key))}"] = point;
    });

    internal void Add(LogsRequest request) => AddAndSignal(() =>
    {
        foreach (var scope in request.ResourceLogs.SelectMany(r => r.ScopeLogs))
            _logs.AddRange(scope.LogRecords.Select(l => new ReceivedLog(scope.Scope.Name, l.Body?.StringValue ?? "", Hex(l.TraceId))
            {
                Attributes = l.Attributes.ToDictionary(),
            }));
    });

    private static ReceivedSpan ToSpan(Span span, string scope, IReadOnlyDictionary<string, object?> resource) => new(
        scope,
        span.Name,
        Hex(span.TraceId),
        Hex(span.SpanId),
        span.ParentSpanId.IsEmpty ? null : Hex(span.ParentSpanId),
        span.Kind,
        span.Status?.Code == 2,
        span.Status?.Message ?? "")
    {
        Resource = resource,
        Start = span.Start,
        End = span.End,
        Attributes = span.Attributes.ToDictionary(),
        AttributeKeys = [.. span.Attributes.Select(a => a.Key)],
        Events = [.. span.Events.Select(e => (e.Name, e.Attributes.ToDictionary()))],
        Links = [.. span.Links.Select(l => (Hex(l.TraceId), Hex(l.SpanId)))],
    };

    private static IEnumerable<ReceivedPoint> ToPoints(Metric metric, string scope)
    {
        foreach (var point in metric.Gauge?.Points ?? metric.Sum?.Points ?? [])
        {
            var value = point.ValueCase == NumberPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;
            yield return new(scope, metric.Name, metric.Unit, value, 0) { Attributes = point.Attributes.ToDictionary() };
        }

        foreach (var point in metric.Histogram?.Points ?? [])
        {
            yield return new(scope, metric.Name, metric.Unit, point.Sum, (long)point.Count)
            {
                Attributes = point.Attributes.ToDictionary(),
                Bounds = [.. point.Bounds],
                Exemplars = [.. point.Exemplars.Select(e => Hex(e.TraceId))],
            };
        }
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static TaskCompletionSource CreateSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void AddAndSignal(Action add)
    {
        TaskCompletionSource received;
        lock (_lock)
        {
            add();
            (received, _received) = (_received, CreateSignal());
        }

        received.SetResult();
    }

    private List<T> Copy<T>(IEnumerable<T> items)
    {
        lock (_lock) return [.. items];
    }
}
