using System.Reflection;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Paths;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>A plugin's context, without what telemetry adds to it. Thread-safe.</summary>
internal sealed class PluginContextCore(
    PluginEntry entry, string? agent, Assembly assembly, PluginServices services, SharedResources resources, IPluginModels? models = null)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly SharedResources.Lease _shared = resources.Open(assembly);

    public PluginEntry Entry { get; } = entry;

    public string? Agent { get; } = agent;

    public ILogger Logger { get; } = services.LoggerFactory.CreateLogger($"PluginHost.Plugin.{entry.Plugin}");

    public TimeProvider TimeProvider => services.TimeProvider;

    private IPluginModels Models => models ?? throw new NotSupportedException("There are no models.");

    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Created on first use: most plugins keep no files. A plugin's name is always a safe file name.</summary>
    public string DataPath => CreateFolder(Path.Combine(services.Paths.DataRoot, "plugins", Entry.Plugin));

    public string ResolvePath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return StoredSpelling.Find(services.Paths.Resolve(path));
    }

    public T Share<T>(string key, Func<T> create)
        where T : class => _shared.Get(key, create);

    public SessionState GetState(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.Open(Entry.SourceId);
    }

    public IChatClient GetChatClient(ModelReference model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Models.GetChatClient(Entry, Agent, model);
    }

    public IEmbeddingGenerator<string, Embedding<float>> GetEmbeddings(ModelReference model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Models.GetEmbeddings(Entry, Agent, model);
    }

    /// <summary>Cancels the plugin's work in the background. Does not wait for it.</summary>
    public void BeginStop() => BoundedWait.Cancel(_stopping);

    /// <summary>Releases what the plugin shared. Its token stays usable.</summary>
    public ValueTask DisposeAsync()
    {
        BeginStop();
        return _shared.DisposeAsync();
    }

    /// <summary>Creates a folder, with missing parents, that only the host's user can read.</summary>
    private static string CreateFolder(string path)
    {
        PrivateCopy.CreateFolder(path);
        return path;
    }
}
