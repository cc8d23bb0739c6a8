using System.Diagnostics;
using System.Diagnostics.Metrics;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Metrics;

/// <summary>The activity source and the instruments of a host. Thread-safe.</summary>
internal sealed class TelemetryInstruments : IDisposable
{
    // From microseconds to minutes; each boundary is two to three times the previous one.
    private static readonly InstrumentAdvice<double> CallBuckets = new()
    {
        HistogramBucketBoundaries =
            [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private static readonly InstrumentAdvice<double> RunBuckets = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 600],
    };

    private static readonly InstrumentAdvice<long> MessageBuckets = new()
    {
        HistogramBucketBoundaries = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000],
    };

    private readonly Meter _meter;

    // Of the same name, so that all listen to it that listen to the host, except the kept traces, which listen to runs alone.
    private readonly ActivitySource _others;
    private readonly Counter<long> _rollbacks;
    private readonly ObservableGauge<int> _parked;
    private readonly ObservableGauge<int> _contexts;
    private readonly ObservableGauge<long> _contextSizes;
    private volatile Func<IReadOnlyDictionary<string, LoadedContexts>>? _countContexts;
    private volatile Func<int>? _countParked;

    public TelemetryInstruments()
    {
        var version = typeof(TelemetryInstruments).Assembly.GetName().Version?.ToString(3);
        Source = new ActivitySource(Scopes.Host, version);
        _others = new ActivitySource(Scopes.Host, version);
        _meter = new Meter(Scopes.Host, version);
        RunDuration = _meter.CreateHistogram(
            MetricNames.RunDuration, Units.Seconds, "Duration of runs.", null, RunBuckets);
        QueueDuration = _meter.CreateHistogram(
            MetricNames.QueueDuration, Units.Seconds, "Time that runs waited for other runs of their session.", null, RunBuckets);
        RunRefused = _meter.CreateCounter<long>(MetricNames.RunRefused, Units.Requests, "Requests for a run that were refused.");
        RunActive = _meter.CreateUpDownCounter<long>(MetricNames.RunActive, Units.Runs, "Runs in progress.");
        RunRecovered = _meter.CreateCounter<long>(MetricNames.RunRecovered, Units.Runs, "Runs of an earlier process that were taken over.");
        _parked = _meter.CreateObservableGauge(MetricNames.RunParked, ReadParked, Units.Runs, "Runs that wait for an approval.");
        ApprovalDecided = _meter.CreateCounter<long>(MetricNames.ApprovalDecided, Units.Approvals, "Calls that waited for an approval and were decided.");
        SessionActive = _meter.CreateUpDownCounter<long>(
            MetricNames.SessionActive, Units.Sessions, "Sessions with a run in progress.");
        SessionOperationDuration = _meter.CreateHistogram(
            MetricNames.SessionOperationDuration, Units.Seconds, "Duration of session store operations.", null, CallBuckets);
        PluginCallDuration = _meter.CreateHistogram(
            MetricNames.PluginCallDuration, Units.Seconds, "Duration of plugin calls; for middleware only its self time.", null, CallBuckets);
        PluginLoadDuration = _meter.CreateHistogram(
            MetricNames.PluginLoadDuration, Units.Seconds, "Duration of loading a plugin's assembly.", null, CallBuckets);
        HistoryMessages = _meter.CreateHistogram(
            MetricNames.HistoryMessages, Units.Messages, "Messages loaded or appended per call.", null, MessageBuckets);
        _rollbacks = _meter.CreateCounter<long>(MetricNames.Rollbacks, Units.Rollbacks, "Generations that were given up for the one before.");
        Export = new ExportInstruments(_meter);
        _contexts = _meter.CreateObservableGauge(
            MetricNames.PluginContexts, ReadContexts, Units.Contexts, "Live load contexts of plugins.");
        _contextSizes = _meter.CreateObservableGauge(
            MetricNames.PluginContextSize, ReadContextSizes, Units.Bytes, "Size of the assemblies that are loaded in them.");
    }

    public ActivitySource Source { get; }

    public ModelInstruments Models { get; } = new();

    public Histogram<double> RunDuration { get; }

    public Histogram<double> QueueDuration { get; }

    public Counter<long> RunRefused { get; }

    public UpDownCounter<long> RunActive { get; }

    public Counter<long> RunRecovered { get; }

    public Counter<long> ApprovalDecided { get; }

    public UpDownCounter<long> SessionActive { get; }

    public Histogram<double> SessionOperationDuration { get; }

    public Histogram<double> PluginCallDuration { get; }

    public Histogram<double> PluginLoadDuration { get; }

    public Histogram<long> HistoryMessages { get; }

    public ExportInstruments Export { get; }

    /// <summary>Limits how many runs are recorded for the kept traces; null when none are.</summary>
    public TraceRateLimiter? KeptRuns { get; set; }

    /// <summary>Whether spans or measurements have another listener than the kept traces.</summary>
    public bool IsEnabled =>
        _others.HasListeners() || PluginCallDuration.Enabled || RunDuration.Enabled || SessionOperationDuration.Enabled
        || HistoryMessages.Enabled || RunActive.Enabled || SessionActive.Enabled || PluginLoadDuration.Enabled || Models.IsEnabled;

    /// <summary>Counts rollbacks; 0 begins the series, because an alert sees only a series that grows.</summary>
    public void CountRollback(bool byErrors, int count) =>
        _rollbacks.Add(count, new KeyValuePair<string, object?>(Attributes.RollbackCause, byErrors ? RollbackCauses.Errors : RollbackCauses.Request));

    public void ObserveContexts(Func<IReadOnlyDictionary<string, LoadedContexts>> count) => _countContexts = count;

    public void ObserveParkedRuns(Func<int> count) => _countParked = count;

    public void Dispose()
    {
        Source.Dispose();
        _others.Dispose();
        _meter.Dispose();
        Models.Dispose();
    }

    private IEnumerable<Measurement<int>> ReadParked() => _countParked is { } count ? [new(count())] : [];

    private IEnumerable<Measurement<int>> ReadContexts()
    {
        foreach (var (folder, contexts) in _countContexts?.Invoke() ?? new Dictionary<string, LoadedContexts>())
            yield return new(contexts.Count, new KeyValuePair<string, object?>(Attributes.PluginFolder, folder));
    }

    private IEnumerable<Measurement<long>> ReadContextSizes()
    {
        foreach (var (folder, contexts) in _countContexts?.Invoke() ?? new Dictionary<string, LoadedContexts>())
            yield return new(contexts.Bytes, new KeyValuePair<string, object?>(Attributes.PluginFolder, folder));
    }
}
