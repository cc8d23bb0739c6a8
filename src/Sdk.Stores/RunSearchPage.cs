namespace PluginHost.Sdk;

/// <summary>A page of a search.</summary>
public sealed record RunSearchPage
{
    /// <summary>The runs that were found, the newest first, without <see cref="RunRecord.Output"/>.</summary>
    public required IReadOnlyList<RunRecord> Runs { get; init; }

    /// <summary>
    /// The place from which to search on: that of the last run that was examined. Null when there are no more. A page may have fewer
    /// runs than the limit, or none, and still a next place.
    /// </summary>
    public RunPlace? Next { get; init; }
}
