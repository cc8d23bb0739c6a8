
namespace PluginHost.Engine.Configuration.Model;

/// <summary>How sessions and runs are treated.</summary>
internal sealed record SessionsConfiguration
{
    /// <summary>The session store; null for one in memory.</summary>
    public PluginEntry? Store { get; init; }

    /// <summary>Whether a run on a busy session waits (<c>queue</c>) or is refused with 409 (<c>reject</c>).</summary>
    public bool QueueWhenBusy { get; init; } = true;

    /// <summary>How many runs may wait per session.</summary>
    public int QueueLimit { get; init; } = 100;

    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan RunTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether a run goes on when its caller's connection is lost (<c>OnDisconnect</c>: <c>complete</c> or <c>cancel</c>).</summary>
    public bool CompleteOnDisconnect { get; init; } = true;

    /// <summary>How long after its run has ended an idempotency key stands for that run.</summary>
    public TimeSpan IdempotencyKeyLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many bytes of JSON the state of a session may have.</summary>
    public int MaxStateBytes { get; init; } = 256 * 1024;

    /// <summary>How many messages a run's input may have.</summary>
    public int MaxInputMessages { get; init; } = 1000;

    /// <summary>How many bytes the content of one message may have.</summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many runs of one tenant may wait or run at a time.</summary>
    public int MaxConcurrentRuns { get; init; } = 4000;

    /// <summary>How many sessions one tenant may have.</summary>
    public int MaxSessions { get; init; } = 1_000_000;

    public RetentionConfiguration Retention { get; init; } = new();
}
