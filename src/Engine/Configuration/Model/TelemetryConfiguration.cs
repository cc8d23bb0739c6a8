using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>Which traces the host keeps in memory.</summary>
internal sealed record TelemetryConfiguration
{
    /// <summary>How many runs that ended last keep their trace in memory; 0 for none.</summary>
    [Range(0, 10_000)]
    public int KeptTraces { get; init; } = 100;

    /// <summary>How many of the runs that begin in one second have their trace recorded.</summary>
    [Range(1, 1_000_000)]
    public int TracesPerSecond { get; init; } = 100;
}
