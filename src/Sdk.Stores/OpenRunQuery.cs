namespace PluginHost.Sdk;

/// <summary>Which open runs to return. A run must meet all conditions.</summary>
public sealed record OpenRunQuery
{
    /// <summary>Only runs of this tenant; null for all tenants.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only runs with this status; null for all. A store finds them without reading the others.</summary>
    public RunStatus? Status { get; init; }

    /// <summary>Only runs after this place; null to begin with the oldest. The run at the place need not be open any more.</summary>
    public RunPlace? After { get; init; }

    /// <summary>
    /// The maximum number of runs, 1 or more. A page has more when runs of several sessions share its last place, so that the next page
    /// skips none. Default: 100.
    /// </summary>
    public int Limit { get; init; } = 100;
}
