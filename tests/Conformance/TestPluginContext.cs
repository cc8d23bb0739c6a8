using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace PluginHost.Conformance;

/// <summary>A plugin context for tests with all files below one folder, recorded log entries and shared resources.</summary>
/// <remarks>Dispose it after the plugin: this releases the shared resources, as the host does.</remarks>
public sealed class TestPluginContext : PluginContext, IAsyncDisposable
{
    private readonly string _folder;
    private readonly SharedResources _shared;
    private readonly ConcurrentDictionary<SessionKey, SessionState> _states = new();

    /// <param name="folder">The folder of relative option paths and of the data folder.</param>
    /// <param name="plugin">The plugin's registered name.</param>
    /// <param name="shared">The resources to share with other contexts; null to share with none.</param>
    /// <param name="timeProvider">The clock; null for the system clock.</param>
    public TestPluginContext(string folder, string plugin = "tested", SharedResources? shared = null, TimeProvider? timeProvider = null)
    {
        _folder = folder;
        _shared = shared ?? new SharedResources();
        Plugin = plugin;
        TimeProvider = timeProvider ?? TimeProvider.System;
        Meter = new Meter($"PluginHost.Plugin.{plugin}");
        ActivitySource = new ActivitySource($"PluginHost.Plugin.{plugin}");
    }

    public override string Plugin { get; }

    public override string Name => Plugin;

    public override string? Agent => "assistant";

    public override ILogger Logger => Log;

    /// <summary>The log entries of the plugin.</summary>
    public TestLog Log { get; } = new();

    public override TimeProvider TimeProvider { get; }

    public override string DataPath => Directory.CreateDirectory(Path.Combine(_folder, "plugin-data")).FullName;

    public override Meter Meter { get; }

    public override ActivitySource ActivitySource { get; }

    public override string ResolvePath(string path) => Path.GetFullPath(path, _folder);

    public override T Share<T>(string key, Func<T> create)
        where T : class => _shared.Get(this, key, create);

    /// <summary>Gets the state of a session. The context keeps it.</summary>
    public override SessionState GetState(Session session) => _states.GetOrAdd(session.Key, static _ => new SessionState());

    public async ValueTask DisposeAsync()
    {
        await _shared.ReleaseAsync(this);
        Meter.Dispose();
        ActivitySource.Dispose();
    }
}
