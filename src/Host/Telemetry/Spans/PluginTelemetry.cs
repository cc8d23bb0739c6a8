using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Sdk;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>Gives every plugin a meter and an activity source of its own, shared by its instances. Owns them. Thread-safe.</summary>
internal sealed class PluginTelemetry : IDisposable
{
    private readonly ConcurrentDictionary<string, (Meter Meter, ActivitySource Source)> _plugins = new(StringComparer.Ordinal);
    private readonly Lock _creation = new();

    /// <summary>Completes a plugin's context.</summary>
    public IPluginContext CreateContext(PluginContextCore core) => new Context(core, Of(core.Entry.Plugin));

    public Meter MeterOf(string plugin) => Of(plugin).Meter;

    public ActivitySource SourceOf(string plugin) => Of(plugin).Source;

    public void Dispose()
    {
        foreach (var (meter, source) in _plugins.Values)
        {
            meter.Dispose();
            source.Dispose();
        }
    }

    private (Meter Meter, ActivitySource Source) Of(string plugin)
    {
        // Under a lock, because a meter that lost a race would stay registered.
        lock (_creation) return _plugins.GetOrAdd(plugin, static n => (new(Scopes.PluginPrefix + n), new(Scopes.PluginPrefix + n)));
    }

    private sealed class Context(PluginContextCore core, (Meter Meter, ActivitySource Source) telemetry) : IPluginContext
    {
        public string Plugin => core.Entry.Plugin;

        public string Name => core.Entry.Name;

        public string? Agent => core.Agent;

        public ILogger Logger => core.Logger;

        public TimeProvider TimeProvider => core.TimeProvider;

        public string DataPath => core.DataPath;

        public Meter Meter => telemetry.Meter;

        public ActivitySource ActivitySource => telemetry.Source;

        public string ResolvePath(string path) => core.ResolvePath(path);

        public T Share<T>(string key, Func<T> create)
            where T : class => core.Share(key, create);

        public SessionState GetState(Session session) => core.GetState(session);
    }
}
