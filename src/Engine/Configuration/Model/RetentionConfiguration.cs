
namespace PluginHost.Engine.Configuration.Model;

/// <summary>When idle sessions are deleted.</summary>
internal sealed record RetentionConfiguration
{
    /// <summary>How long after its last save a session is deleted; null for never.</summary>
    public TimeSpan? IdleFor { get; init; }

    /// <summary>How long after one search the next begins.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many sessions are deleted before others get a moment.</summary>
    public int BatchSize { get; init; } = 100;
}
