using System.Diagnostics.Metrics;

namespace PluginHost.Knowledge.Tests;

public sealed class MetricTests
{
    /// <summary>A search takes from a fraction of a millisecond to some hundred.</summary>
    [Fact]
    public async Task Searches_have_buckets_from_less_than_a_millisecond()
    {
        await using var context = new TestPluginContext("knowledge");
        Histogram<double>? searches = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter == context.Meter && instrument is Histogram<double> histogram) searches = histogram;
            },
        };
        listener.Start();

        new KnowledgeMetrics(context).RecordSearch(TimeSpan.FromMilliseconds(2), hybrid: false);

        var buckets = searches?.Advice?.HistogramBucketBoundaries ?? [];
        Assert.InRange(buckets.Count(b => b < 1), 10, 20);
    }
}
