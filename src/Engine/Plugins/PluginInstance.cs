using System.Security.Cryptography;
using System.Text;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins;

/// <summary>
/// A constructed plugin with its entry. Immutable; owns the plugin's context: disposing it disposes the plugin, then
/// releases what the plugin shared.
/// </summary>
/// <param name="entry">The configuration entry.</param>
/// <param name="version">The version of the plugin's assembly.</param>
/// <param name="plugin">The plugin object; its interfaces decide its kinds.</param>
/// <param name="release">Called after the plugin was disposed.</param>
/// <param name="beginStop">Cancels the plugin's token for work in the background.</param>
/// <param name="gate">Holds its calls back during a handover; null for a plugin that hands nothing over.</param>
internal sealed class PluginInstance(
    PluginEntry entry, string version, object plugin, Func<ValueTask>? release = null, Action? beginStop = null, HandoverGate? gate = null) : IAsyncDisposable
{
    /// <summary>An instance of the host's own. Its calls return at once, so they need no other thread.</summary>
    public static PluginInstance FromHost(string name, object plugin)
    {
        var instance = new PluginInstance(new PluginEntry { Plugin = name, Index = -1 }, "", plugin) { IsOfHost = true };
        instance.Threads.GainAll();
        return instance;
    }

    private readonly ReplaceableCalls _calls = ReplaceableCalls.Create(plugin, gate);

    public PluginEntry Entry { get; } = entry;

    /// <summary>Whether it is the host's own, and its calls return at once.</summary>
    public bool IsOfHost { get; private init; }

    public string SourceId { get; } = entry.SourceId;

    public string Version { get; } = version;

    /// <summary>Its build and its options: what decides, beside its data, how it answers.</summary>
    public string Fingerprint => field ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Entry.Plugin} {Version} {Entry.Options.Json.ToJsonString()}")));

    /// <summary>The instance for an observer.</summary>
    public ObservedPlugin Observed { get; } = new(entry.SourceId, version, entry.Index);

    public object Plugin { get; } = plugin;

    /// <summary>Learnt from its calls; changes with them.</summary>
    public BlockingProfile Threads { get; } = new();

    /// <summary>How its calls went since it was made.</summary>
    public CallStatistics Calls { get; } = new();

    /// <summary>The agent whose chain or model it belongs to; null for a session store.</summary>
    public string? Agent { get; init; }

    /// <summary>The plugin as it was found; null for an instance of the host's own.</summary>
    public PluginDescriptor? Descriptor { get; init; }

    /// <summary>Which object answers its calls, for a plugin that can hand its resource over; otherwise null.</summary>
    public HandoverSlot? Slot => _calls.Slot;

    public IResourceHandover? Handover { get; } = plugin as IResourceHandover;

    public IReadOnlyList<PluginKind> Kinds => PluginKind.From(Plugin.GetType());

    // The kinds that several places ask for, as their interfaces.
    public IHistoryProvider? History => _calls.History;

    public IMessageCleanup? MessageCleanup => _calls.MessageCleanup;

    public IContextProvider? Context { get; } = plugin as IContextProvider;

    public IChatMiddleware? ChatMiddleware { get; } = plugin as IChatMiddleware;

    public IFunctionMiddleware? FunctionMiddleware { get; } = plugin as IFunctionMiddleware;

    public ISessionStore? SessionStore => _calls.Store;

    /// <summary>What keeps explanations beside <see cref="SessionStore"/>; null when it keeps none.</summary>
    public IRunExplanations? Explanations => _calls.Explanations;

    public IChatClientFactory? ChatClientFactory { get; } = plugin as IChatClientFactory;

    public ISessionCleanup? SessionCleanup => _calls.SessionCleanup;

    /// <summary>After a handover, that of the successor: an instance that released its resource must not be called.</summary>
    public IPluginHealth? Health => (Slot?.Current ?? Plugin) as IPluginHealth;

    /// <summary>What it keeps of users; after a handover, that of the successor.</summary>
    public IUserData? UserData => (Slot?.Current ?? Plugin) as IUserData;

    /// <summary>The copies of its data; after a handover, those of the successor.</summary>
    public IStoreBackup? Backup => (Slot?.Current ?? Plugin) as IStoreBackup;

    /// <summary>Cancels the plugin's work in the background, before the plugin is stopped. Does not wait for it.</summary>
    public void BeginStop() => beginStop?.Invoke();

    public async ValueTask DisposeAsync()
    {
        try
        {
            await AnyDisposal.DisposeAsync(Plugin);
        }
        finally
        {
            if (release is not null) await release();
        }
    }
}
