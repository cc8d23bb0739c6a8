namespace PluginHost.Sdk;

/// <summary>A host as others see it. Immutable.</summary>
public sealed record HostDescription
{
    /// <summary>The id of its process. A host that starts again has another one.</summary>
    public required string Id { get; init; }

    /// <summary>Its name for people, <c>Cluster:HostName</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where other hosts reach it, <c>Cluster:Address</c>; null when they cannot.</summary>
    public string? Address { get; init; }

    /// <summary>The version of its program.</summary>
    public required string Version { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The agents that it can run, sorted.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];

    /// <summary>How many runs are queued or running on it.</summary>
    public int Runs { get; init; }
}
