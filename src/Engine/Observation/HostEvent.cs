using PluginHost.Sdk;

namespace PluginHost.Engine.Observation;

/// <summary>Something that happened in the host, without content. Immutable.</summary>
internal abstract record HostEvent
{
    /// <summary>Rises with each event, also over restarts. Made of the time, so that a tenant cannot count the events of others.</summary>
    public long Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Whose event it is; null for one of the host.</summary>
    public virtual string? Tenant => null;

    /// <summary>Whether only admins may see it.</summary>
    public virtual bool IsForAdmins => false;

    /// <summary>An event of a run.</summary>
    /// <param name="Session">The session.</param>
    /// <param name="RunId">The run.</param>
    /// <param name="Agent">Its agent.</param>
    public abstract record OfRun(SessionKey Session, string RunId, string Agent) : HostEvent
    {
        public override string? Tenant => Session.Tenant;
    }

    /// <summary>A run has begun, or continues after approvals or a restart.</summary>
    public sealed record RunStarted(RunRecord Run) : OfRun(Run.Session, Run.Id, Run.Agent)
    {
        /// <summary>Without what the run holds: the ring must not keep it alive.</summary>
        public RunRecord Run { get; } = RunSummary.From(Run);
    }

    /// <summary>A run has ended.</summary>
    public sealed record RunEnded(RunRecord Run) : OfRun(Run.Session, Run.Id, Run.Agent)
    {
        /// <inheritdoc cref="RunStarted.Run"/>
        public RunRecord Run { get; } = RunSummary.From(Run);
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

/// <summary>The part of a run's record that may be shown where its content may not.</summary>
internal static class RunSummary
{
    public static RunRecord From(RunRecord run) => new()
    {
        Id = run.Id,
        Session = run.Session,
        Agent = run.Agent,
        Status = run.Status,
        CreatedAt = run.CreatedAt,
        CompletedAt = run.CompletedAt,
        Attempt = run.Attempt,
        Usage = run.Usage,
        Skipped = run.Skipped,
        TraceId = run.TraceId,
        Error = run.Error is { } error ? error with { Message = "" } : null,
    };
}
