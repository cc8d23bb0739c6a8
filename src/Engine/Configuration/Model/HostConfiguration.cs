using System.Collections.ObjectModel;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>The whole configuration, read strictly and completed. Its members are the root sections. Immutable.</summary>
internal sealed record HostConfiguration : Settings
{
    /// <summary>The agents by name, in the order of the file.</summary>
    public IReadOnlyDictionary<string, AgentConfiguration> Agents { get; init; } = ReadOnlyDictionary<string, AgentConfiguration>.Empty;

    /// <summary>Defaults for the entries of each plugin, by the plugin's name, whether an entry uses it or not.</summary>
    public IReadOnlyDictionary<string, PluginDefaults> Plugins { get; init; } = ReadOnlyDictionary<string, PluginDefaults>.Empty;

    /// <summary>How sessions and runs are handled.</summary>
    public SessionsConfiguration Sessions { get; init; } = new();

    /// <summary>How the host listens, whom it lets in, and what it takes.</summary>
    public ServerConfiguration Server { get; init; } = new();

    /// <summary>
    /// Folders that hold one folder per plugin. Once read, they are absolute, and the folder beside the host's binary comes first.
    /// </summary>
    public IReadOnlyList<string> PluginFolders { get; init; } = [];

    /// <summary>Which plugins the host loads at all.</summary>
    public PluginTrustConfiguration PluginTrust { get; init; } = new();

    /// <summary>How plugins are loaded, and taken over when they change.</summary>
    public PluginLoadingConfiguration PluginLoading { get; init; } = new();

    /// <summary>.NET's own section for logging. Only its levels are checked.</summary>
    public OptionsSection Logging { get; init; } = OptionsSection.Empty;

    /// <summary>What the host does with telemetry besides sending it, which standard variables control.</summary>
    public TelemetryConfiguration Telemetry { get; init; } = new();

    /// <summary>What the host keeps of what models were given.</summary>
    public ExplainConfiguration Explain { get; init; } = new();

    /// <summary>This host among those that share its session store.</summary>
    public ClusterConfiguration Cluster { get; init; } = new();

    /// <summary>The entries of all plugins: the session store, the chains, and the models of plugins.</summary>
    public IEnumerable<PluginEntry> Entries =>
        Agents.Values.SelectMany(a => a.Chain.Append(a.Model.Plugin)).Prepend(Sessions.Store).OfType<PluginEntry>();

    /// <summary>The names of the root sections.</summary>
    public static IReadOnlyList<string> Sections { get; } = [.. From(typeof(HostConfiguration)).Select(p => p.Name)];
}
