namespace PluginHost.Sdk;

/// <summary>A host with its lease. Immutable.</summary>
public sealed record HostLease
{
    /// <summary>How long a lease lasts after each renewal: 6 seconds.</summary>
    public static TimeSpan Duration { get; } = TimeSpan.FromSeconds(6);

    /// <summary>How often a host renews its lease: every 2 seconds.</summary>
    public static TimeSpan RenewalInterval { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The host.</summary>
    public required HostDescription Host { get; init; }

    /// <summary>How long the lease still lasts by the clock of the store; zero or less when it is over.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>Whether the lease lasts still.</summary>
    public bool IsLive => Remaining > TimeSpan.Zero;
}
