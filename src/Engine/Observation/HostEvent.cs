using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Observation;

/// <summary>Something that happened in the host, without content. Immutable since it was published.</summary>
internal abstract record HostEvent
{
    /// <summary>Rises with each event, also over restarts. Made of the time, so that a tenant cannot count the events of others.</summary>
    public long Id { get; private set; }

    public DateTimeOffset At { get; private set; }

    /// <summary>Whose event it is; null for one of the host.</summary>
    public virtual string? Tenant => null;

    /// <summary>Whether only admins may see it.</summary>
    public virtual bool IsForAdmins => false;

    /// <summary>Gives the event its number, before any reader has it.</summary>
    public void Publish(long id, DateTimeOffset at) => (Id, At) = (id, at);

    /// <summary>An event of a run.</summary>
    /// <param name="Session">The session.</param>
    /// <param name="RunId">The run.</param>
    /// <param name="Agent">Its agent.</param>
    public abstract record OfRun(SessionKey Session, string RunId, string Agent) : HostEvent
    {
        public override string? Tenant => Session.Tenant;
    }

    /// <summary>A run has begun, or continues after approvals or a restart.</summary>
    public sealed record RunStarted(SessionKey Session, string RunId, string Agent, int Attempt, string? TraceId) : OfRun(Session, RunId, Agent)
    {
        /// <summary>Without the record: the ring must not keep alive what it holds.</summary>
        public static RunStarted From(RunRecord run) => new(run.Session, run.Id, run.Agent, run.Attempt, run.TraceId);
    }

    /// <summary>A run has ended.</summary>
    public sealed record RunEnded(SessionKey Session, string RunId, string Agent, int Attempt, RunStatus Status) : OfRun(Session, RunId, Agent)
    {
        /// <summary>From its acceptance to its end; null when it has no end.</summary>
        public TimeSpan? Duration { get; init; }

        public UsageDetails? Usage { get; init; }

        /// <summary>Source ids of plugins that failed and were skipped.</summary>
        public required IReadOnlyList<string> Skipped { get; init; }

        public string? ErrorType { get; init; }

        public string? TraceId { get; init; }

        /// <inheritdoc cref="RunStarted.From"/>
        public static RunEnded From(RunRecord run) => new(run.Session, run.Id, run.Agent, run.Attempt, run.Status)
        {
            Duration = run.CompletedAt - run.CreatedAt,
            Usage = run.Usage,
            Skipped = run.Skipped,
            ErrorType = run.Error?.Type,
            TraceId = run.TraceId,
        };
    }

    /// <summary>A call of a run waits for an approval. The run is parked.</summary>
    public sealed record ApprovalRequested(SessionKey Session, string RunId, string Agent, string ApprovalId, string Tool) : OfRun(Session, RunId, Agent)
    {
        /// <summary>When the call is refused; null for never.</summary>
        public DateTimeOffset? ExpiresAt { get; init; }
    }

    /// <summary>Another generation serves.</summary>
    /// <param name="Generation">Its number.</param>
    /// <param name="Cause">Why it was built, in one word.</param>
    /// <param name="Agents">Its agents.</param>
    public sealed record Reloaded(int Generation, string Cause, IReadOnlyList<string> Agents) : HostEvent;

    /// <summary>A new configuration was refused, and the serving generation stays.</summary>
    /// <param name="Errors">How many errors it has.</param>
    public sealed record ReloadRefused(int Errors) : HostEvent
    {
        public override bool IsForAdmins => true;
    }

    /// <summary>What the plugins say of themselves has changed.</summary>
    /// <param name="Unhealthy">The plugins that keep the host from its work.</param>
    /// <param name="Degraded">The plugins that work in part.</param>
    public sealed record ReadinessChanged(IReadOnlyList<string> Unhealthy, IReadOnlyList<string> Degraded) : HostEvent;

    /// <summary>The host takes no new runs, and ends those in progress.</summary>
    public sealed record Stopping : HostEvent;
}
