namespace PluginHost.Engine.Observation;

/// <summary>Keeps the traces of the runs that ended last, in memory, and knows those of runs in progress. Thread-safe.</summary>
/// <param name="capacity">How many ended runs are kept; 0 for none.</param>
internal sealed class KeptTraces(int capacity)
{
    private readonly RunTrace[] _ring = new RunTrace[capacity];
    private readonly Dictionary<(string Tenant, string Run), RunTrace> _byRun = [];
    private readonly HashSet<IOpenTrace> _open = [];
    private readonly Lock _lock = new();
    private int _next;
    private int _openCount;

    public int Capacity => _ring.Length;

    /// <summary>Whether the trace of a run in progress is being recorded.</summary>
    public bool HasOpen => Volatile.Read(ref _openCount) > 0;

    /// <summary>The trace of a run.</summary>
    /// <param name="tenant">The tenant of the run; null for any.</param>
    /// <param name="id">The id of the run, which is also that of its response, or of the trace, which is also that of the request.</param>
    /// <returns>The newest one; null when it is not kept: too long ago, not recorded, or run by another process.</returns>
    public RunTrace? Find(string? tenant, string id)
    {
        // A later attempt has the same id, and is the one to show.
        IOpenTrace[] all;
        lock (_lock) all = [.. _open];
        foreach (var open in all)
        {
            // Reading copies all spans, so only the one that is asked for is read.
            if (open.Matches(tenant, id) && open.Read() is { } read) return read;
        }

        lock (_lock)
        {
            if (tenant is not null && _byRun.TryGetValue((tenant, id), out var found)) return found;
            for (var i = 1; i <= _ring.Length; i++)
            {
                if (_ring[(_next - i + _ring.Length) % _ring.Length] is { } trace && Matches(trace, tenant, id)) return trace;
            }

            return null;
        }
    }

    /// <summary>The traces of runs that ended, newest first.</summary>
    public IReadOnlyList<RunTrace> Ended()
    {
        lock (_lock) return [.. Enumerable.Range(1, _ring.Length).Select(i => _ring[(_next - i + _ring.Length) % _ring.Length]).TakeWhile(t => t is not null)];
    }

    /// <summary>A run begins.</summary>
    public void Begin(IOpenTrace trace)
    {
        lock (_lock)
        {
            _open.Add(trace);
            Volatile.Write(ref _openCount, _open.Count);
        }
    }

    /// <summary>A run has ended.</summary>
    /// <param name="open">What it was while it was open.</param>
    /// <param name="trace">Its trace; null for one that never was a run.</param>
    public void End(IOpenTrace open, RunTrace? trace)
    {
        lock (_lock)
        {
            _open.Remove(open);
            Volatile.Write(ref _openCount, _open.Count);
            if (trace is not null) AddLocked(trace);
        }
    }

    public void Add(RunTrace trace)
    {
        lock (_lock) AddLocked(trace);
    }

    private void AddLocked(RunTrace trace)
    {
        if (_ring[_next] is { } oldest && _byRun.GetValueOrDefault(KeyOf(oldest)) == oldest) _byRun.Remove(KeyOf(oldest));
        _byRun[KeyOf(trace)] = _ring[_next] = trace;
        _next = (_next + 1) % _ring.Length;
    }

    private static bool Matches(RunTrace trace, string? tenant, string id) =>
        (tenant is null || trace.Session.Tenant == tenant) && (trace.RunId == id || trace.TraceId == id);

    private static (string, string) KeyOf(RunTrace trace) => (trace.Session.Tenant, trace.RunId);
}
