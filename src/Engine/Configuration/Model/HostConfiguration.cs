using System.Collections.ObjectModel;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>The whole configuration, read strictly and complete: the only form in which the rest of the host sees it. Immutable.</summary>
internal sealed record HostConfiguration
{
    /// <summary>Folders that hold one folder per plugin, absolute; the one beside the host's binary comes first.</summary>
    public IReadOnlyList<string> PluginFolders { get; init; } = [];

    public PluginTrustConfiguration PluginTrust { get; init; } = new();

    /// <summary>The agents by name, in the order of the file.</summary>
    public IReadOnlyList<AgentConfiguration> Agents { get; init; } = [];

    public SessionsConfiguration Sessions { get; init; } = new();

    public ServerConfiguration Server { get; init; } = new();

    public TelemetryConfiguration Telemetry { get; init; } = new();

    /// <summary>The standard .NET section <c>Logging</c>, untouched: flat keys such as <c>Logging:LogLevel:Default</c>.</summary>
    public IReadOnlyDictionary<string, string?> Logging { get; init; } = ReadOnlyDictionary<string, string?>.Empty;

    /// <summary>The members of <c>Plugins</c>: defaults for the entries of each plugin, whether one is used or not.</summary>
    public IReadOnlyList<OptionsSection> PluginDefaults { get; init; } = [];

    public PluginEntry? SessionStore => Sessions.Store;
}

/// <summary>What the host does with telemetry beside sending it, which the standard variables decide.</summary>
internal sealed record TelemetryConfiguration
{
    /// <summary>The traces of how many runs are kept in memory; 0 for none.</summary>
    public int KeptTraces { get; init; } = 100;

    /// <summary>Of how many runs that begin in one second a trace is recorded.</summary>
    public int TracesPerSecond { get; init; } = 100;
}
