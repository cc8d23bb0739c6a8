using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>What happens to a run on a session that is busy with another one.</summary>
internal enum BusyPolicy
{
    /// <summary>It waits for its turn.</summary>
    Queue,

    /// <summary>It is refused with 409.</summary>
    Reject,

    /// <summary>The other one is cancelled and keeps its partial output; then the new one has its turn.</summary>
    Interrupt,

    /// <summary>Its input is given to the other one, and it is no run.</summary>
    Steer,
}

/// <summary>What happens to a run when its caller's connection is lost.</summary>
internal enum DisconnectPolicy
{
    /// <summary>It continues.</summary>
    Complete,

    /// <summary>It is cancelled.</summary>
    Cancel,
}

/// <summary>What happens to a run in the background when the process that ran it is lost.</summary>
internal enum HostLostPolicy
{
    /// <summary>The next process continues it.</summary>
    Resume,

    /// <summary>It ends as failed.</summary>
    Fail,
}

/// <summary>How sessions and runs are handled.</summary>
internal sealed record SessionsConfiguration
{
    /// <summary>The session store; null for one in memory.</summary>
    public PluginEntry? Store { get; init; }

    /// <summary>What happens to a run on a session that is busy.</summary>
    public BusyPolicy Busy { get; init; }

    /// <summary>How many runs may wait on one session.</summary>
    [Range(1, 100_000)]
    public int QueueLimit { get; init; } = 100;

    /// <summary>How long a run may wait for its turn. One in the background has no limit.</summary>
    [Range(typeof(TimeSpan), "0s", "1d", MinimumIsExclusive = true)]
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a run may take from its turn to the end of its chain.</summary>
    [Range(typeof(TimeSpan), "0s", "1d", MinimumIsExclusive = true)]
    public TimeSpan RunTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What happens to a run when its caller's connection is lost.</summary>
    public DisconnectPolicy OnDisconnect { get; init; }

    /// <summary>What happens to a run in the background when the process that ran it is lost. Other runs end as failed.</summary>
    public HostLostPolicy OnHostLost { get; init; }

    /// <summary>How many attempts of a run may be lost with their process before the run ends as failed.</summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; init; } = 3;

    /// <summary>How long a call may wait for its approval before it counts as refused; null for no limit.</summary>
    [Range(typeof(TimeSpan), "0s", "366d", MinimumIsExclusive = true)]
    public TimeSpan? ApprovalTimeout { get; init; }

    /// <summary>How long after its run has ended an idempotency key identifies that run.</summary>
    [Range(typeof(TimeSpan), "0s", "366d", MinimumIsExclusive = true)]
    public TimeSpan IdempotencyKeyLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many bytes of JSON the state of a session may have.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxStateBytes { get; init; } = 256 * 1024;

    /// <summary>How many messages a run's input, or a new session, may have.</summary>
    [Range(1, 100_000)]
    public int MaxInputMessages { get; init; } = 1000;

    /// <summary>How many messages an import may have.</summary>
    [Range(1, 10_000_000)]
    public int MaxImportMessages { get; init; } = 100_000;

    /// <summary>How many bytes the content of one message may have.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxMessageBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How many runs of one tenant may wait or run at a time.</summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentRuns { get; init; } = 4000;

    /// <summary>How many bytes of runs that have ended stay in memory with their events, of all tenants together.</summary>
    [Range(0L, 64L * 1024 * 1024 * 1024)]
    public long MaxEndedRunBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How many sessions one tenant may have.</summary>
    [Range(1, int.MaxValue)]
    public int MaxSessions { get; init; } = 1_000_000;

    /// <summary>Whether a new or imported session may name a session of the model's service.</summary>
    public bool AcceptServiceSessionIds { get; init; }

    /// <summary>When idle sessions are deleted.</summary>
    public RetentionConfiguration Retention { get; init; } = new();
}

/// <summary>When idle sessions are deleted.</summary>
internal sealed record RetentionConfiguration
{
    /// <summary>How long after its last save a session is deleted; null for never.</summary>
    [Range(typeof(TimeSpan), "0s", "36500d", MinimumIsExclusive = true)]
    public TimeSpan? IdleFor { get; init; }

    /// <summary>The pause between two searches for idle sessions.</summary>
    [Range(typeof(TimeSpan), "0s", "1d", MinimumIsExclusive = true)]
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many sessions are deleted before there is a pause, twice as long as the batch took and at most a second.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; init; } = 100;
}
