using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

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
