namespace PluginHost.Sdk;

/// <summary>A place in the order of a search: the newest run first, and of those of the same time the one with the greatest id.</summary>
public sealed record RunPlace
{
    /// <summary>When the run was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>The place of a run.</summary>
    /// <param name="run">The run.</param>
    public static RunPlace From(RunRecord run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new RunPlace { CreatedAt = run.CreatedAt, RunId = run.Id };
    }

    /// <summary>Compares two places by the order of a search.</summary>
    /// <param name="first">One place.</param>
    /// <param name="second">Another place.</param>
    /// <returns>Less than 0 when <paramref name="first"/> comes first.</returns>
    public static int Compare(RunPlace first, RunPlace second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var byTime = second.CreatedAt.CompareTo(first.CreatedAt);
        return byTime != 0 ? byTime : string.CompareOrdinal(second.RunId, first.RunId);
    }
}
