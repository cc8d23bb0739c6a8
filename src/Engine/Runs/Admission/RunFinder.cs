using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>
/// Joins the runs that a store has found with those that are in no store: runs in progress, and runs that are not stored but have a kept
/// trace. Thread-safe.
/// </summary>
internal sealed class RunFinder(LiveRuns live, KeptTraces traces)
{
    /// <summary>The matching runs that are in no store. To be called before the store, so that none ends unseen between the two.</summary>
    public IReadOnlyList<FoundRun> FindUnstored(RunSearch search)
    {
        var running = live.InProgress().Select(r => new FoundRun(r.Record, IsStored: !r.IsStateless));
        var ended = traces.Ended().Where(t => t is { Run.IsStateless: true, Record: not null }).Select(t => new FoundRun(t.Record!, IsStored: false));
        return [.. running.Concat(ended).Where(f => search.Matches(f.Run) && (search.After is null || RunPlace.Compare(f.Place, search.After) > 0))];
    }

    /// <summary>Joins both to one page.</summary>
    public FoundRuns Join(RunSearch search, IReadOnlyList<FoundRun> unstored, RunSearchPage stored)
    {
        // Of a run in progress the store may have an older record.
        stored = stored with { Runs = [.. stored.Runs.Where(r => r.CompletedAt is not null || live.Find(r.Session, r.Id) is null)] };
        var attempts = stored.Runs.DistinctBy(r => (r.Session, r.Id)).ToDictionary(r => (r.Session, r.Id), r => r.Attempt);
        // A run in progress is newer than the attempt that is stored, unless it has ended meanwhile.
        var found = unstored.Where(f => !(attempts.GetValueOrDefault((f.Run.Session, f.Run.Id)) >= f.Run.Attempt)).ToList();
        var newer = found.Select(f => (f.Run.Session, f.Run.Id)).ToHashSet();
        found.AddRange(stored.Runs.DistinctBy(r => (r.Session, r.Id)).Where(r => !newer.Contains((r.Session, r.Id))).Select(r => new FoundRun(r, IsStored: true)));
        // What comes after the place to which the store has looked is for a later page.
        if (stored.Next is { } next) found.RemoveAll(f => RunPlace.Compare(f.Place, next) > 0);
        found.Sort((a, b) => RunPlace.Compare(a.Place, b.Place));
        return found.Count > search.Limit
            ? new FoundRuns(found[..search.Limit], found[search.Limit - 1].Place)
            : new FoundRuns(found, stored.Next);
    }
}

/// <summary>A run that a search found.</summary>
/// <param name="Run">The run, without its output.</param>
/// <param name="IsStored">Whether it is, or will be, in the session store.</param>
internal sealed record FoundRun(RunRecord Run, bool IsStored)
{
    public RunPlace Place { get; } = RunPlace.From(Run);
}

/// <summary>A page of a search.</summary>
/// <param name="Runs">The runs, the newest first.</param>
/// <param name="Next">The place from which to continue; null when there are no more.</param>
internal sealed record FoundRuns(IReadOnlyList<FoundRun> Runs, RunPlace? Next);
