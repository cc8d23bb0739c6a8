using System.Reflection;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>A plugin's context, without what telemetry adds to it. Thread-safe.</summary>
internal sealed class PluginContextCore
{
    private readonly HostPaths _paths;
    private readonly SharedResources.Lease _shared;

    internal PluginContextCore(PluginEntry entry, string? agent, Assembly assembly, PluginServices services, SharedResources resources)
    {
        Entry = entry;
        Agent = agent;
        Logger = services.LoggerFactory.CreateLogger($"PluginHost.Plugin.{entry.Plugin}");
        TimeProvider = services.TimeProvider;
        _paths = services.Paths;
        _shared = resources.Open(assembly);
    }

    public PluginEntry Entry { get; }

    public string? Agent { get; }

    public ILogger Logger { get; }

    public TimeProvider TimeProvider { get; }

    /// <summary>Created here and not before: most plugins keep no files. A plugin's name is always a safe file name.</summary>
    public string DataPath => Directory.CreateDirectory(Path.Combine(_paths.DataRoot, "plugins", Entry.Plugin)).FullName;

    public string ResolvePath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return _paths.Resolve(path);
    }

    public T Share<T>(string key, Func<T> create)
        where T : class => _shared.Get(key, create);

    public SessionState GetState(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.Open(Entry.SourceId);
    }

    /// <summary>Gives back what the plugin shared.</summary>
    internal ValueTask ReleaseAsync() => _shared.DisposeAsync();
}
