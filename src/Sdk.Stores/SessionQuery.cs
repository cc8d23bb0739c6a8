namespace PluginHost.Sdk;

/// <summary>Which sessions to return. A session must meet all conditions.</summary>
public sealed record SessionQuery
{
    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Only the session with this id; null for all.</summary>
    public string? Id { get; init; }

    /// <summary>Only sessions after this one in the order of the query; null to begin at the start. An unknown id gives an empty page.</summary>
    public string? After { get; init; }

    /// <summary>Only the nearest sessions before this one in the order of the query; null for no bound. An unknown id gives an empty page.</summary>
    public string? Before { get; init; }

    /// <summary>The maximum number of sessions, 1 or more. Default: 20.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>The order. Default: oldest first.</summary>
    public ListOrder Order { get; init; }

    /// <summary>
    /// Only sessions last saved before this time, ordered by that time, then id and tenant; null for all. Retention reads such a
    /// page of all tenants repeatedly, so the store should not read every session for it.
    /// </summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>
    /// Whether to return sessions of all tenants. Default: false. Only background work of the host sets it. <see cref="Tenant"/>
    /// is then the tenant of <see cref="After"/> and <see cref="Before"/>.
    /// </summary>
    public bool AllTenants { get; init; }
}
