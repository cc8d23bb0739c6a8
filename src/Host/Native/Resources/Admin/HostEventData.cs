using System.ComponentModel;
using PluginHost.Engine.Observation;
using PluginHost.Http.Binding;
using PluginHost.Http.Description;

namespace PluginHost.Native.Resources.Admin;

/// <summary>The query of the events of the host.</summary>
internal sealed record HostEventParameters(
    [property: Description("For admins: the runs of this tenant, or of all with *. Others see their own.")] string? Tenant = null,
    [property: Id, Description("Only runs of this session.")] string? Session = null,
    [property: Description("Only runs of this agent.")] string? Agent = null,
    [property: Description("The id of the last event that the client has, where it cannot send Last-Event-ID.")] string? After = null);

/// <summary>Describes the events of the host.</summary>
internal static class HostEventData
{
    public static StreamDescription Description { get; } = new(
        "Server-sent events without an end, each with an id that rises and JSON as data: run.started (RunStartedEvent), run.ended (RunEndedEvent), "
        + "approval.requested (ApprovalRequestedEvent), reload (ReloadEvent), for admins reload.refused (ReloadRefusedEvent), host.readiness "
        + "(ReadinessEvent), host.stopping (StoppingEvent), gap when events were missed (GapEvent), and dropped before the end of a stream that was "
        + "read too slowly (GapEvent).",
        [],
        typeof(RunStartedEvent),
        typeof(RunEndedEvent),
        typeof(ApprovalRequestedEvent),
        typeof(ReloadEvent),
        typeof(ReloadRefusedEvent),
        typeof(ReadinessEvent),
        typeof(StoppingEvent),
        typeof(GapEvent));
}

[Description("run.started: a run has begun, or continues after approvals or a restart.")]
internal sealed record RunStartedEvent(DateTime At, string RunId, string SessionId, string Agent, string Tenant, int Attempt, string? TraceId)
{
    public static RunStartedEvent From(HostEvent.RunStarted happened) =>
        new(happened.At.UtcDateTime, happened.RunId, happened.Session.Id, happened.Agent, happened.Session.Tenant, happened.Attempt, happened.TraceId);
}

[Description("run.ended: a run has ended, and reading it gives its output.")]
internal sealed record RunEndedEvent(
    DateTime At,
    string RunId,
    string SessionId,
    string Agent,
    string Tenant,
    [property: AllowedText("completed", "failed", "cancelled", "requires_action")] string Status,
    int Attempt,
    [property: Description("Milliseconds from its acceptance to its end.")] double? DurationMs,
    [property: Description("Plugins that failed and were skipped.")] IReadOnlyList<string> Skipped)
{
    [Description("For a run that failed.")]
    public string? ErrorType { get; init; }

    public UsageResource? Usage { get; init; }

    public string? TraceId { get; init; }

    public static RunEndedEvent From(HostEvent.RunEnded ended) => new(
        ended.At.UtcDateTime, ended.RunId, ended.Session.Id, ended.Agent, ended.Session.Tenant, RunResource.StatusText(ended.Status), ended.Attempt,
        ended.Duration is { } duration ? SpanResource.Milliseconds(duration) : null, ended.Skipped)
    {
        ErrorType = ended.ErrorType,
        Usage = UsageResource.From(ended.Usage),
        TraceId = ended.TraceId,
    };
}

[Description("approval.requested: a call of a run waits for an approval. The run is parked until all of its calls are decided.")]
internal sealed record ApprovalRequestedEvent(
    DateTime At, string ApprovalId, string RunId, string SessionId, string Agent, string Tenant, string Tool, [property: Description("When the call is refused.")] DateTime? ExpiresAt)
{
    public static ApprovalRequestedEvent From(HostEvent.ApprovalRequested asked) => new(
        asked.At.UtcDateTime, asked.ApprovalId, asked.RunId, asked.Session.Id, asked.Agent, asked.Session.Tenant, asked.Tool, asked.ExpiresAt?.UtcDateTime);
}

[Description("reload: another generation serves.")]
internal sealed record ReloadEvent(DateTime At, int Generation, [property: Description("Why it was built.")] string Cause, IReadOnlyList<string> Agents);

[Description("reload.refused: a new configuration was wrong, and the serving generation stays.")]
internal sealed record ReloadRefusedEvent(DateTime At, [property: Description("How many errors it has. A reload or a check returns them.")] int Errors);

[Description("host.readiness: what the plugins say of themselves has changed.")]
internal sealed record ReadinessEvent(DateTime At, IReadOnlyList<string> Unhealthy, IReadOnlyList<string> Degraded);

[Description("host.stopping: the host takes no new runs. The stream ends when those in progress have ended.")]
internal sealed record StoppingEvent(DateTime At);

[Description("gap: events after the one that the client has are not kept, or were of an earlier process. Read again what you show.")]
internal sealed record GapEvent(string Text);
