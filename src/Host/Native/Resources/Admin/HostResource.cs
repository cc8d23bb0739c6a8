using System.ComponentModel;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources.Admin;

/// <summary>The host as a caller sees it.</summary>
internal sealed record HostResource(
    [property: AllowedText("host")] string Object,
    string Version,
    DateTime StartedAt,
    double UptimeSeconds,
    [property: AllowedText(HostStatus.Ready, HostStatus.NotReady, HostStatus.Starting, HostStatus.Stopping), Description("Whether it takes new work.")] string Status,
    [property: Description("The plugins in use; empty while the host starts or stops.")] IReadOnlyList<PluginStateResource> Plugins,
    [property: Description("For admins: of all tenants. For others: their own.")] RunCountsResource Runs,
    [property: Description("The plugin that keeps the sessions.")] string Store,
    [property: Description("Each exported signal, with what was lost of it; empty when nothing is exported.")] IReadOnlyList<SignalHealth> Telemetry)
{
    [Description("Why the host should be restarted when that suits.")]
    public string? Restart { get; init; }

    [Description("For admins: where the host listens.")]
    public IReadOnlyList<string>? Addresses { get; init; }

    [Description("For admins: the number of the generation that serves.")]
    public int? Generation { get; init; }

    [Description("For admins: the memory of the process.")]
    public long? MemoryBytes { get; init; }
}

internal sealed record PluginStateResource(
    [property: Description("The plugin, or `plugin/name`.")] string Plugin,
    [property: AllowedText("healthy", "degraded", "unhealthy"), Description("A degraded plugin works in part. An unhealthy one makes the host unready.")] string State,
    [property: Description("Cause and cure, for a person.")] string? Text)
{
    public static PluginStateResource From(string plugin, HostStatus status) =>
        Find(status.Readiness.Unhealthy, plugin) is { } unhealthy ? new(plugin, "unhealthy", unhealthy)
        : Find(status.Readiness.Degraded, plugin) is { } degraded ? new(plugin, "degraded", degraded)
        : new(plugin, "healthy", null);

    private static string? Find(IEnumerable<ProblemError> found, string plugin) => found.FirstOrDefault(f => f.Path == plugin)?.Message;
}

internal sealed record RunCountsResource(
    [property: Description("Runs that wait for other runs of their sessions.")] int Queued,
    int Running,
    [property: Description("Runs that wait for approvals.")] int Parked,
    [property: Description("Sessions with a run that is queued or running.")] int Sessions)
{
    public static RunCountsResource From(RunCounts counts) => new(counts.Queued, counts.Running, counts.Parked, counts.Sessions);
}
