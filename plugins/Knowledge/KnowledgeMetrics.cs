using System.Diagnostics.Metrics;
using PluginHost.Sdk;

namespace PluginHost.Knowledge;

/// <summary>The metrics of the plugin, described in docs/plugins/knowledge.md. Thread-safe.</summary>
internal sealed class KnowledgeMetrics(PluginContext context)
{
    // Those that OpenTelemetry assumes begin at 5 seconds.
    private static readonly InstrumentAdvice<double> SearchBuckets = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Counter<long> _documents = context.Meter.CreateCounter<long>(
        "pluginhost.knowledge.documents", "{document}", "Documents that were indexed, removed or skipped.");

    private readonly UpDownCounter<long> _pending = context.Meter.CreateUpDownCounter<long>(
        "pluginhost.knowledge.pending", "{document}", "Documents that are still to be indexed.");

    private readonly UpDownCounter<long> _chunks = context.Meter.CreateUpDownCounter<long>(
        "pluginhost.knowledge.chunks", "{chunk}", "Passages in the index.");

    private readonly Histogram<double> _searches = context.Meter.CreateHistogram<double>(
        "pluginhost.knowledge.search.duration", "s", "Time of searches.", null, SearchBuckets);

    private readonly Counter<long> _tokens = context.Meter.CreateCounter<long>(
        "pluginhost.knowledge.embedding.tokens", "{token}", "Tokens that the server of embeddings counted.");

    private readonly Counter<long> _failures = context.Meter.CreateCounter<long>(
        "pluginhost.knowledge.embedding.failures", "{failure}", "Requests for embeddings that failed.");

    public void CountDocument(string outcome) => _documents.Add(1, new KeyValuePair<string, object?>("pluginhost.knowledge.outcome", outcome));

    public void AddPending(long change) => _pending.Add(change);

    public void AddChunks(long change)
    {
        if (change != 0) _chunks.Add(change);
    }

    public void RecordSearch(TimeSpan duration, bool hybrid) =>
        _searches.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("pluginhost.knowledge.search", hybrid ? "hybrid" : "text"));

    public void CountTokens(long tokens) => _tokens.Add(tokens);

    public void CountFailure() => _failures.Add(1);
}
