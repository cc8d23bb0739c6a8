using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>The runs of all sessions in the order of a search. Not thread-safe.</summary>
internal sealed class RunsByTime : IComparer<RunRecord>
{
    // Ids are shorter and their characters are lower.
    private static readonly SessionKey Last = new("\uffff", "\uffff");

    private readonly SortedSet<RunRecord> _runs;

    public RunsByTime() => _runs = new SortedSet<RunRecord>(this);

    public void Add(RunRecord run) => _runs.Add(run);

    public void Remove(RunRecord run) => _runs.Remove(run);

    /// <summary>The runs after a place; all of them for null.</summary>
    public IEnumerable<RunRecord> After(RunPlace? place)
    {
        if (place is null) return _runs;
        var after = new RunRecord { Id = place.RunId, Session = Last, Agent = "", Status = RunStatus.Completed, CreatedAt = place.CreatedAt };
        return _runs.Max is { } last && Compare(after, last) < 0 ? _runs.GetViewBetween(after, last) : [];
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
