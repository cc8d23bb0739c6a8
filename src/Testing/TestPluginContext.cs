using System.Diagnostics;
using System.Diagnostics.Metrics;
using PluginHost.Engine.Plugins.Activation;

namespace PluginHost.Sdk.Testing;

/// <summary>
/// A plugin context for tests: files in a temporary folder, log entries to look at, a clock that a test may set. In a
/// <see cref="TestChain"/> the state of sessions is kept like in a host. Thread-safe. Dispose it after the plugin.
/// </summary>
public sealed class TestPluginContext : PluginContext, IAsyncDisposable
{
    private readonly TestLog _log = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SharedResources _resources;
    private readonly SharedResources.Lease _shared;
    private readonly bool _ownsFolder;
    private readonly Lazy<string> _folder;

    /// <summary>Creates a context.</summary>
    /// <param name="plugin">The plugin's registered name.</param>
    /// <param name="folder">The folder that relative paths start from; null for a temporary one that disposing deletes.</param>
    /// <param name="sharedWith">Another context of the same plugin, to share resources with as two instances in a host do.</param>
    public TestPluginContext(string plugin = "tested", string? folder = null, TestPluginContext? sharedWith = null)
    {
        Plugin = plugin;
        _ownsFolder = folder is null;
        _folder = new(() => folder ?? Directory.CreateTempSubdirectory("pluginhost-test-").FullName);
        _resources = sharedWith?._resources ?? new SharedResources();
        _shared = _resources.Open(typeof(TestPluginContext).Assembly);
        Logger = _log.CreateLogger($"PluginHost.Plugin.{plugin}");
        Meter = new Meter($"PluginHost.Plugin.{plugin}");
        ActivitySource = new ActivitySource($"PluginHost.Plugin.{plugin}");
    }

    /// <inheritdoc/>
    public override CancellationToken Stopping => _stopping.Token;

    /// <summary>Cancels <see cref="Stopping"/>, as the host does before it stops the plugin.</summary>
    public void BeginStop() => _stopping.Cancel();

    /// <inheritdoc/>
    public override string Plugin { get; }

    /// <inheritdoc/>
    public override string Name => InstanceName ?? Plugin;

    /// <summary>The name of the instance, as an entry's <c>Name</c>; null for the plugin's.</summary>
    public string? InstanceName { get; init; }

    /// <inheritdoc/>
    public override string? Agent => AgentName;

    /// <summary>The agent's name.</summary>
    public string? AgentName { get; init; } = TestChain.AgentName;

    /// <inheritdoc/>
    public override ILogger Logger { get; }

    /// <summary>What the plugin logged.</summary>
    public IReadOnlyList<TestLogEntry> Logs => _log.Entries;

    /// <inheritdoc/>
    public override TimeProvider TimeProvider => Clock;

    /// <summary>The clock of <see cref="TimeProvider"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The folder that relative paths start from.</summary>
    public string Folder => _folder.Value;

    /// <inheritdoc/>
    public override string DataPath => Directory.CreateDirectory(Path.Combine(Folder, "data", "plugins", Plugin)).FullName;

    /// <inheritdoc/>
    public override Meter Meter { get; }

    /// <inheritdoc/>
    public override ActivitySource ActivitySource { get; }

    /// <inheritdoc/>
    public override string ResolvePath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Path.GetFullPath(path, Folder);
    }

    /// <inheritdoc/>
    public override T Share<T>(string key, Func<T> create) => _shared.Get(key, create);

    /// <inheritdoc/>
    public override SessionState GetState(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.Open(SourceId);
    }

    /// <summary>The client that <see cref="GetChatClient"/> gives for every model; null for none.</summary>
    public IChatClient? ChatClient { get; init; }

    /// <inheritdoc/>
    public override IChatClient GetChatClient(ModelReference model) => ChatClient ?? base.GetChatClient(model);

    /// <summary>The generator that <see cref="GetEmbeddings"/> gives for every model; null for none.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings { get; init; }

    /// <inheritdoc/>
    public override IEmbeddingGenerator<string, Embedding<float>> GetEmbeddings(ModelReference model) => Embeddings ?? base.GetEmbeddings(model);

    /// <summary>Releases what the plugin shared, and deletes a temporary folder.</summary>
    public async ValueTask DisposeAsync()
    {
        BeginStop();
        await _shared.DisposeAsync();
        Meter.Dispose();
        ActivitySource.Dispose();
        _stopping.Dispose();
        if (_ownsFolder && _folder.IsValueCreated) Directory.Delete(_folder.Value, recursive: true);
    }
}
