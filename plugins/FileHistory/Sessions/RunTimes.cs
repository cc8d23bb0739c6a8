namespace PluginHost.Files.Sessions;

/// <summary>Where the latest record of a run is.</summary>
/// <param name="Session">The session, whose runs file it is in.</param>
/// <param name="Offset">The offset in that file.</param>
internal readonly record struct RunLocation(SessionKey Session, long Offset);

/// <summary>When a run was accepted.</summary>
/// <param name="Ticks">The time.</param>
/// <param name="Location">Where its record is.</param>
/// <param name="Length">The length of the record in bytes.</param>
/// <param name="IsTrouble">Whether it failed, or a plugin or a tool failed in it.</param>
internal readonly record struct RunTime(long Ticks, RunLocation Location, int Length, bool IsTrouble);

/// <summary>The runs of all sessions by time. Not thread-safe.</summary>
internal sealed class RunTimes
{
    // Oldest first: a new run is added at the end.
    private readonly List<RunTime> _runs = [];

    public void Clear() => _runs.Clear();

    public void Add(RunTime run) => _runs.Insert(CountUpTo(run.Ticks), run);

    /// <summary>Adds a run at the end while the index is built; <see cref="Sort"/> follows.</summary>
    public void AddUnsorted(RunTime run) => _runs.Add(run);

    /// <summary>Sorts what was added unsorted. Runs of one time keep their order.</summary>
    public void Sort()
    {
        List<RunTime> sorted = [.. _runs.OrderBy(r => r.Ticks)];
        _runs.Clear();
        _runs.AddRange(sorted);
    }

    /// <summary>Removes a run whose time is not known: found from the newest.</summary>
    public void Remove(RunLocation location) => RemoveAt(_runs.FindLastIndex(r => r.Location == location));

    /// <summary>Removes a run.</summary>
    public void Remove(RunLocation location, long ticks)
    {
        var index = CountUpTo(ticks) - 1;
        while (index >= 0 && _runs[index].Location != location) index = _runs[index].Ticks == ticks ? index - 1 : -1;
        RemoveAt(index);
    }

    /// <summary>The runs up to a time, the newest first; more than the limit when those at the end have the same time.</summary>
    public List<RunTime> List(long ticks, bool onlyTrouble, int limit)
    {
        var list = new List<RunTime>();
        for (var i = CountUpTo(ticks) - 1; i >= 0; i--)
        {
            if (onlyTrouble && !_runs[i].IsTrouble) continue;
            if (list.Count >= limit && list[^1].Ticks != _runs[i].Ticks) break;
            list.Add(_runs[i]);
        }

        return list;
    }

    private void RemoveAt(int index)
    {
        if (index >= 0) _runs.RemoveAt(index);
    }

    private int CountUpTo(long ticks)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].Ticks <= ticks) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
