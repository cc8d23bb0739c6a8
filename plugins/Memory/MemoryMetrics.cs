using System.Diagnostics.Metrics;
using PluginHost.Memory.Facts;
using PluginHost.Sdk;

namespace PluginHost.Memory;

/// <summary>The metrics of the plugin, described in docs/plugins/memory.md. Thread-safe.</summary>
internal sealed class MemoryMetrics(PluginContext context)
{
    private readonly Counter<long> _changes = context.Meter.CreateCounter<long>(
        "pluginhost.memory.changes", "{fact}", "Facts that models remembered, and facts that were forgotten, replaced or dropped.");

    public void Count(Scope scope, FactList before, FactList after)
    {
        Add("remembered", after.Except(before).Count());
        Add("removed", before.Except(after).Count());

        void Add(string change, int count)
        {
            if (count > 0) _changes.Add(count, new("pluginhost.memory.change", change), new KeyValuePair<string, object?>("pluginhost.memory.scope", scope.ToString()));
        }
    }
}
