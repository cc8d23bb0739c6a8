namespace PluginHost.Tests.Telemetry;

/// <summary>Sources and meters are found by name across the process, so these tests run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TelemetryCollection
{
    public const string Name = "Telemetry";
}
