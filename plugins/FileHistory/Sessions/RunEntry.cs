namespace PluginHost.Files.Sessions;

/// <summary>The location and the keys of the record of a run.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="IdempotencyKey">The caller's key; null for none.</param>
/// <param name="CreatedAt">When the run was accepted.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Status">The status.</param>
/// <param name="Offset">The offset of its latest record in the file.</param>
/// <param name="Length">The length of that record in bytes.</param>
/// <param name="IsTrouble">Whether it failed, or a plugin or a tool failed in it.</param>
/// <param name="FirstOffset">The offset of its first record, which gives its position in the list of a runs file.</param>
internal sealed record RunEntry(
    string Id, string? IdempotencyKey, DateTimeOffset CreatedAt, int Attempt, RunStatus Status, long Offset, int Length, bool IsTrouble, long FirstOffset)
{
    public static RunEntry From(RunRecord run, long offset, int length) =>
        new(run.Id, run.IdempotencyKey, run.CreatedAt, run.Attempt, run.Status, offset, length, RunSearch.IsTrouble(run), offset);

    /// <summary>Whether it has the id and the idempotency key of a query.</summary>
    public bool Matches(RunQuery query) => (query.RunId is null || query.RunId == Id) && (query.IdempotencyKey is null || query.IdempotencyKey == IdempotencyKey);

    /// <summary>An entry that has nothing but a place in the order of runs.</summary>
    public static RunEntry At(RunPlace place) => new(place.RunId, null, place.CreatedAt, 0, default, 0, 0, false, 0);
}
