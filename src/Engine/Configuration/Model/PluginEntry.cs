using System.Collections.ObjectModel;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>One plugin instance as configured: an entry of a chain, the session store, or a chat client.</summary>
/// <param name="Plugin">The plugin's registered name.</param>
/// <param name="Name">The instance's name; the plugin's unless set.</param>
internal sealed record PluginEntry(string Plugin, string Name)
{
    /// <summary>The position in the chain, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Where it stands in the configuration, for example <c>Agents:assistant:Chain:0</c>.</summary>
    public string Path { get; init; } = "";

    /// <summary>The plugin's own options: defaults of the <c>Plugins</c> section with the entry's on top.</summary>
    public OptionsSection Options { get; init; } = OptionsSection.Empty;

    /// <summary>The settings of the host's own that the entry gives, with the path of each; all others have their defaults.</summary>
    public IReadOnlyDictionary<string, string> Given { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Per call; a middleware's own time only.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Null for the default of the plugin's kind: skip for context providers, fail for all others.</summary>
    public OnError? OnError { get; init; }

    public bool Load { get; init; } = true;

    public bool StoreInput { get; init; } = true;

    public bool StoreOutput { get; init; } = true;

    public bool StoreContext { get; init; }

    /// <summary>Source ids whose context is stored; empty for all when <see cref="StoreContext"/> is set.</summary>
    public IReadOnlyList<string> StoreContextFrom { get; init; } = [];

    public StoreInputAs StoreInputAs { get; init; }

    /// <summary>Identity: the plugin's name, with the instance's when it has one of its own.</summary>
    public string SourceId => Name == Plugin ? Plugin : $"{Plugin}/{Name}";
}
