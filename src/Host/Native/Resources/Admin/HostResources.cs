using System.ComponentModel;
using PluginHost.Engine.Observation;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources.Admin;

internal sealed record TelemetryResource(
    [property: AllowedText("telemetry")] string Object,
    [property: Description("Each exported signal; empty when nothing is exported.")] IReadOnlyList<SignalHealth> Signals,
    [property: Description("How many traces of ended runs this host keeps at most.")] int TraceCapacity,
    [property: Description("How many it keeps now.")] int KeptTraces);

internal sealed record HealthResource(
    [property: AllowedText("ok")] string Status,
    [property: Description("Readiness only, when telemetry is sent somewhere: what was lost of it since the start. It does not make a host unready.")]
    IReadOnlyList<SignalHealth>? Telemetry = null,
    [property: Description("Readiness only: why the host should be restarted when that suits.")] string? Restart = null)
{
    [Description("Readiness only: plugins that work in part. They do not make a host unready.")]
    public IReadOnlyList<DegradedPluginResource>? Degraded { get; init; }
}

/// <summary>A plugin that works in part.</summary>
internal sealed record DegradedPluginResource(
    [property: Description("The plugin, or `plugin/name`.")] string Plugin,
    [property: Description("Cause and cure, for a person.")] string Text);
