using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>The runs of all sessions in the order of a search. Not thread-safe.</summary>
internal sealed class RunsByTime : IComparer<RunRecord>
{
    // Ids are shorter and their characters are lower.
    private static readonly SessionKey Last = new("\uffff", "\uffff");

    // The order of a search backwards, so that a new run mostly goes to the end. A tree would have an object for each run.
    private readonly List<RunRecord> _runs = [];
    private readonly IComparer<RunRecord> _oldestFirst;

    public RunsByTime() => _oldestFirst = Comparer<RunRecord>.Create((x, y) => Compare(y, x));

    /// <summary>Adds a run unless it is there.</summary>
    public void Add(RunRecord run)
    {
        if (_runs.Count == 0 || Compare(run, _runs[^1]) < 0) _runs.Add(run);
        else if (_runs.BinarySearch(run, _oldestFirst) is < 0 and var place) _runs.Insert(~place, run);
    }

    public void Remove(RunRecord run)
    {
        if (_runs.BinarySearch(run, _oldestFirst) is >= 0 and var place) _runs.RemoveAt(place);
    }

    /// <summary>The runs after a place; all of them for null.</summary>
    public IEnumerable<RunRecord> After(RunPlace? place)
    {
        var end = _runs.Count;
        if (place is not null)
        {
            var after = new RunRecord { Id = place.RunId, Session = Last, Agent = "", Status = RunStatus.Completed, CreatedAt = place.CreatedAt };
            end = ~_runs.BinarySearch(after, _oldestFirst);
        }

        for (var i = end - 1; i >= 0; i--) yield return _runs[i];
    }

    /// <summary>Several sessions may have a run of the same id and time.</summary>
    public int Compare(RunRecord? x, RunRecord? y)
    {
        // As places are compared, without making two of them for each step.
        if (y!.CreatedAt.CompareTo(x!.CreatedAt) is var byTime and not 0) return byTime;
        if (string.CompareOrdinal(y.Id, x.Id) is var byId and not 0) return byId;
        var byTenant = string.CompareOrdinal(x.Session.Tenant, y.Session.Tenant);
        return byTenant != 0 ? byTenant : string.CompareOrdinal(x.Session.Id, y.Session.Id);
    }
}
