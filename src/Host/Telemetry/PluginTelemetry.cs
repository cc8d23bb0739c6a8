using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using PluginHost.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Telemetry;

/// <summary>Gives every plugin a meter and an activity source of its own, shared by its instances. Owns them. Thread-safe.</summary>
public sealed class PluginTelemetry : IDisposable
{
    /// <summary>Subscribe to names that begin with this.</summary>
    public const string Prefix = "PluginHost.Plugin.";

    private readonly ConcurrentDictionary<string, (Meter Meter, ActivitySource Source)> _plugins = new(StringComparer.Ordinal);
    private readonly Lock _creation = new();

    /// <summary>Completes a plugin's context.</summary>
    public IPluginContext CreateContext(PluginContextCore core)
    {
        var name = core.Entry.Plugin;

        // Under a lock, because a meter that lost a race would stay registered.
        lock (_creation) return new Context(core, _plugins.GetOrAdd(name, static n => (new(Prefix + n), new(Prefix + n))));
    }

    public void Dispose()
    {
        foreach (var (meter, source) in _plugins.Values)
        {
            meter.Dispose();
            source.Dispose();
        }
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
