namespace PluginHost.Sdk;

/// <summary>Which runs to return. A run must meet all conditions.</summary>
public sealed record RunQuery
{
    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Only runs of this session; null for all of the tenant, which requires <see cref="RunId"/> or <see cref="IdempotencyKey"/>.</summary>
    public string? SessionId { get; init; }

    /// <summary>Only the run with this id; null for all.</summary>
    public string? RunId { get; init; }

    /// <summary>Only the run with this idempotency key; null for all.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Only runs after this one in the order of the query; null to begin at the start. An unknown id gives an empty page.</summary>
    public string? After { get; init; }

    /// <summary>Only the nearest runs before this one in the order of the query; null for no bound. An unknown id gives an empty page.</summary>
    public string? Before { get; init; }

    /// <summary>The maximum number of runs, 1 or more. Default: 20.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>
    /// After how many bytes of output a page ends before <see cref="Limit"/>, at the same end; null for no bound. A page has at least one
    /// run when there is one. Bytes need not be counted exactly: it bounds the memory that a page takes.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>The order. Default: oldest first.</summary>
    public ListOrder Order { get; init; }
}
