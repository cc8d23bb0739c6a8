using PluginHost.Sdk;

namespace PluginHost.Engine.Observation;

/// <summary>One operation to observe.</summary>
/// <param name="Kind">What is done.</param>
internal readonly record struct ObservedOperation(HostOperation Kind)
{
    /// <summary>The run it belongs to; null outside runs.</summary>
    public ObservedRun? Run { get; init; }

    /// <summary>The plugin that is called; null when none is.</summary>
    public ObservedPlugin? Plugin { get; init; }

    /// <summary>The plugin's folder, when there is no instance yet (<see cref="HostOperation.PluginLoad"/>).</summary>
    public string? Folder { get; init; }

    /// <summary>The tool that is called; null for other operations.</summary>
    public ObservedTool? Tool { get; init; }

    /// <summary>The traceparent of a run that it continues from elsewhere, to link to; null for none.</summary>
    public string? Link { get; init; }

    /// <summary>The session when there is no run.</summary>
    public SessionKey? Session { get; init; }

    /// <summary>How long it has taken before its begin is reported; zero for most.</summary>
    public TimeSpan Lasted { get; init; }
}
