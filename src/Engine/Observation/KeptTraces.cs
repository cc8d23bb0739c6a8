namespace PluginHost.Engine.Observation;

/// <summary>Keeps the traces of the runs that ended last, in memory. Thread-safe.</summary>
/// <param name="capacity">How many are kept; 0 for none.</param>
internal sealed class KeptTraces(int capacity)
{
    private readonly RunTrace[] _ring = new RunTrace[capacity];
    private readonly Dictionary<string, RunTrace> _byRun = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private int _next;

    public int Capacity => _ring.Length;

    /// <summary>The trace of a run that the caller may see.</summary>
    /// <returns>Null when it is not kept: the run has not ended, was too long ago, or was run by another process.</returns>
    public RunTrace? Find(string runId)
    {
        lock (_lock) return _byRun.GetValueOrDefault(runId);
    }

    public void Add(RunTrace trace)
    {
        lock (_lock)
        {
            // A later attempt has the same id, and is the one to show.
            if (_ring[_next] is { } oldest && _byRun.GetValueOrDefault(oldest.RunId) == oldest) _byRun.Remove(oldest.RunId);
            _byRun[trace.RunId] = _ring[_next] = trace;
            _next = (_next + 1) % _ring.Length;
        }
    }
}
