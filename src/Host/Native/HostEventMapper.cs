using System.Text.Json.Serialization.Metadata;
using PluginHost.Engine.Observation;
using PluginHost.Http.Streaming;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native;

/// <summary>Turns events of the host into those of the native API.</summary>
internal static class HostEventMapper
{
    /// <summary>The client has to read again what it shows.</summary>
    /// <param name="after">The id of the last event that is lost.</param>
    public static SseEvent Gap(long after) => EventOf(after, "gap", new GapEvent("Events were missed: the id is older than those that are kept."), ApiJson.Default.GapEvent);

    /// <summary>The client reads too slowly. Its next request continues, after the gap.</summary>
    /// <inheritdoc cref="Gap"/>
    public static SseEvent Dropped(long after) => EventOf(
        after, "dropped", new GapEvent("This stream was read too slowly, and events were missed. Connect again, and read again what you show."), ApiJson.Default.GapEvent);

    public static SseEvent Map(HostEvent happened)
    {
        var (id, at) = (happened.Id, happened.At.UtcDateTime);
        return happened switch
        {
            HostEvent.RunStarted started => EventOf(id, "run.started", RunStartedEvent.From(started), ApiJson.Default.RunStartedEvent),
            HostEvent.RunEnded ended => EventOf(id, "run.ended", RunEndedEvent.From(ended), ApiJson.Default.RunEndedEvent),
            HostEvent.ApprovalRequested asked => EventOf(id, "approval.requested", ApprovalRequestedEvent.From(asked), ApiJson.Default.ApprovalRequestedEvent),
            HostEvent.Reloaded reload => EventOf(id, "reload", new ReloadEvent(at, reload.Generation, reload.Cause, reload.Agents), ApiJson.Default.ReloadEvent),
            HostEvent.ReloadRefused refused => EventOf(id, "reload.refused", new ReloadRefusedEvent(at, refused.Errors), ApiJson.Default.ReloadRefusedEvent),
            HostEvent.ReadinessChanged changed => EventOf(id, "host.readiness", new ReadinessEvent(at, changed.Unhealthy, changed.Degraded), ApiJson.Default.ReadinessEvent),
            HostEvent.Stopping => EventOf(id, "host.stopping", new StoppingEvent(at), ApiJson.Default.StoppingEvent),
            _ => throw new ArgumentOutOfRangeException(nameof(happened), happened.GetType().Name, "There is no event of the API for this."),
        };
    }

    private static SseEvent EventOf<T>(long id, string name, T data, JsonTypeInfo<T> type)
        where T : class => new(id, name, data, type, HasId: true);
}
