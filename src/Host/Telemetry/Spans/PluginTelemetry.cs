using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Sdk;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>Creates and owns a meter and an activity source for every plugin, which its instances share. Thread-safe.</summary>
internal sealed class PluginTelemetry : IDisposable
{
    private readonly ConcurrentDictionary<string, (Meter Meter, ActivitySource Source)> _plugins = new(StringComparer.Ordinal);
    private readonly Lock _creation = new();

    /// <summary>Creates the context of a plugin instance.</summary>
    public PluginContext CreateContext(PluginContextCore core) => new Context(core, GetOrCreate(core.Entry.Plugin));

    public Meter GetMeter(string plugin) => GetOrCreate(plugin).Meter;

    public ActivitySource GetSource(string plugin) => GetOrCreate(plugin).Source;

    public void Dispose()
    {
        foreach (var (meter, source) in _plugins.Values)
        {
            meter.Dispose();
            source.Dispose();
        }
    }

    private (Meter Meter, ActivitySource Source) GetOrCreate(string plugin)
    {
        // A second meter from a race would stay registered.
        lock (_creation) return _plugins.GetOrAdd(plugin, static n => (new(Scopes.PluginPrefix + n), new(Scopes.PluginPrefix + n)));
    }

    private sealed class Context(PluginContextCore core, (Meter Meter, ActivitySource Source) telemetry) : PluginContext
    {
        public override string Plugin => core.Entry.Plugin;

        public override string Name => core.Entry.Name;

        public override string SourceId => core.Entry.SourceId;

        public override string? Agent => core.Agent;

        public override ILogger Logger => core.Logger;

        public override TimeProvider TimeProvider => core.TimeProvider;

        public override string DataPath => core.DataPath;

        public override Meter Meter => telemetry.Meter;

        public override ActivitySource ActivitySource => telemetry.Source;

        public override CancellationToken Stopping => core.Stopping;

        public override string ResolvePath(string path) => core.ResolvePath(path);

        public override T Share<T>(string key, Func<T> create)
            where T : class => core.Share(key, create);

        public override SessionState GetState(Session session) => core.GetState(session);

        public override IChatClient GetChatClient(ModelReference model) => core.GetChatClient(model);

        public override IEmbeddingGenerator<string, Embedding<float>> GetEmbeddings(ModelReference model) => core.GetEmbeddings(model);
    }
}
