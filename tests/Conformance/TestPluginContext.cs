using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace PluginHost.Conformance;

/// <summary>A plugin context for tests: all files below one folder, log entries kept, resources shared and counted.</summary>
/// <remarks>Dispose it after the plugin; that releases what the plugin shared, as the host does.</remarks>
public sealed class TestPluginContext : IPluginContext, IAsyncDisposable
{
    private readonly string _folder;
    private readonly SharedResources _shared;
    private readonly ConcurrentDictionary<SessionKey, SessionState> _states = new();

    /// <param name="folder">Relative paths of options, and the data folder, are below it.</param>
    /// <param name="plugin">The plugin's registered name.</param>
    /// <param name="shared">Resources to share with other contexts; null for none but its own.</param>
    /// <param name="timeProvider">Null for the system's.</param>
    public TestPluginContext(string folder, string plugin = "tested", SharedResources? shared = null, TimeProvider? timeProvider = null)
    {
        _folder = folder;
        _shared = shared ?? new SharedResources();
        Plugin = plugin;
        TimeProvider = timeProvider ?? TimeProvider.System;
        Meter = new Meter($"PluginHost.Plugin.{plugin}");
        ActivitySource = new ActivitySource($"PluginHost.Plugin.{plugin}");
    }

    public string Plugin { get; }

    public string Name => Plugin;

    public string? Agent { get; init; } = "assistant";

    public ILogger Logger => Log;

    /// <summary>What the plugin logged.</summary>
    public TestLog Log { get; } = new();

    public TimeProvider TimeProvider { get; }

    public string DataPath => Directory.CreateDirectory(Path.Combine(_folder, "plugin-data")).FullName;

    public Meter Meter { get; }

    public ActivitySource ActivitySource { get; }

    public string ResolvePath(string path) => Path.GetFullPath(path, _folder);

    public T Share<T>(string key, Func<T> create)
        where T : class => _shared.Get(this, key, create);

    /// <summary>One state per session, kept as long as the context.</summary>
    public SessionState GetState(Session session) => _states.GetOrAdd(session.Key, static _ => new SessionState());

    public async ValueTask DisposeAsync()
    {
        await _shared.ReleaseAsync(this);
        Meter.Dispose();
        ActivitySource.Dispose();
    }
}
