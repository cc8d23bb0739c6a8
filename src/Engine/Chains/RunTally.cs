namespace PluginHost.Engine.Chains;

/// <summary>How many runs were judged, and how many of them certain plugins failed.</summary>
internal readonly record struct RunCounts(int Runs, int Failed)
{
    public double FailedPercent => Runs == 0 ? 0 : 100.0 * Failed / Runs;
}

/// <summary>Which plugins failed the last runs of a set of chains. Thread-safe.</summary>
internal sealed class RunTally
{
    private const int Kept = 256;

    private readonly Lock _lock = new();
    private readonly IReadOnlyList<string>[] _last = new IReadOnlyList<string>[Kept];
    private long _added;
    private volatile Action? _failed;

    /// <summary>Sets what is called after each run that a plugin failed.</summary>
    public void OnFailed(Action failed) => _failed = failed;

    /// <summary>Adds a run.</summary>
    /// <param name="failed">The names of the plugins that failed it, or failed in it and were skipped; empty for none.</param>
    public void Add(IReadOnlyList<string> failed)
    {
        lock (_lock) _last[_added++ % Kept] = failed;
        if (failed.Count > 0) _failed?.Invoke();
    }

    /// <summary>Forgets the runs so far.</summary>
    public void Clear()
    {
        lock (_lock) _added = 0;
    }

    /// <summary>Counts the last runs, and those that one of these plugins failed.</summary>
    public RunCounts Count(IReadOnlySet<string> plugins)
    {
        lock (_lock)
        {
            var runs = (int)Math.Min(_added, Kept);
            return new(runs, _last.Take(runs).Count(failed => failed.Any(plugins.Contains)));
        }
    }
}
