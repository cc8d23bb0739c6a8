using System.Diagnostics.Metrics;
using PluginHost.Sdk;

namespace PluginHost.Compaction;

/// <summary>The metrics of the plugin, described in docs/plugins/compaction.md. Thread-safe.</summary>
internal sealed class CompactionMetrics(PluginContext context)
{
    private readonly Counter<long> _summaries = context.Meter.CreateCounter<long>("pluginhost.compaction.summaries", "{summary}", "Summaries that were written.");

    private readonly Counter<long> _messages = context.Meter.CreateCounter<long>("pluginhost.compaction.messages", "{message}", "Messages that a summary was written of.");

    public void CountSummary(int messages)
    {
        _summaries.Add(1);
        _messages.Add(messages);
    }
}
