using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry;

/// <summary>The meters and activity sources of plugins, one of each per plugin, for the life of the host. Thread-safe.</summary>
public sealed class PluginTelemetry : IDisposable
{
    private readonly ConcurrentDictionary<string, Meter> _meters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ActivitySource> _sources = new(StringComparer.Ordinal);

    public Meter MeterOf(string plugin) => _meters.GetOrAdd(plugin, static name => new(Scopes.PluginPrefix + name));

    public ActivitySource SourceOf(string plugin) => _sources.GetOrAdd(plugin, static name => new(Scopes.PluginPrefix + name));

    public void Dispose()
    {
        foreach (var meter in _meters.Values) meter.Dispose();
        foreach (var source in _sources.Values) source.Dispose();
    }
}
