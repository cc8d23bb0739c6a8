using System.Diagnostics;
using System.Diagnostics.Metrics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Metrics;

/// <summary>The activity source and the instruments of model calls, as the semantic conventions for generative AI name them. Thread-safe.</summary>
internal sealed class ModelInstruments : IDisposable
{
    private static readonly InstrumentAdvice<double> DurationBuckets = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    };

    private static readonly InstrumentAdvice<long> TokenBuckets = new()
    {
        HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
    };

    private readonly Meter _meter = new(Scopes.GenAI);

    // Of the same name: as in the instruments of the host.
    private readonly ActivitySource _others = new(Scopes.GenAI);

    public ModelInstruments()
    {
        OperationDuration = CreateDuration(MetricNames.ModelDuration, "Duration of model calls.");
        TimeToFirstChunk = CreateDuration(MetricNames.TimeToFirstChunk, "Time to the first piece of an answer.");
        TimePerChunk = CreateDuration(MetricNames.TimePerChunk, "Time between two pieces of an answer.");
        ToolDuration = CreateDuration(MetricNames.ToolDuration, "Duration of calls of plugins' tools.");
        TokenUsage = _meter.CreateHistogram(MetricNames.TokenUsage, Units.Tokens, "Tokens of a model call.", null, TokenBuckets);
    }

    public ActivitySource Source { get; } = new(Scopes.GenAI);

    public Histogram<double> OperationDuration { get; }

    public Histogram<double> TimeToFirstChunk { get; }

    public Histogram<double> TimePerChunk { get; }

    public Histogram<long> TokenUsage { get; }

    public Histogram<double> ToolDuration { get; }

    /// <summary>The names of tools in metrics: plugins may make them up at run time.</summary>
    public BoundedNames ToolNames { get; } = new(limit: 200);

    /// <summary>The names of models in metrics: servers and plugins may make them up.</summary>
    public BoundedNames ModelNames { get; } = new(limit: 200);

    /// <summary>Whether spans or measurements of a model call have another listener than the kept traces.</summary>
    public bool IsEnabled => _others.HasListeners() || OperationDuration.Enabled || TokenUsage.Enabled || TimeToFirstChunk.Enabled || TimePerChunk.Enabled || ToolDuration.Enabled;

    public void Dispose()
    {
        Source.Dispose();
        _others.Dispose();
        _meter.Dispose();
    }

    private Histogram<double> CreateDuration(string name, string description) =>
        _meter.CreateHistogram(name, Units.Seconds, description, null, DurationBuckets);
}
