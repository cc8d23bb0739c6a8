using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>A session with its runs. Not thread-safe.</summary>
internal sealed class StoredSession(SessionRecord session)
{
    // Most sessions have one run, and as many objects as that needs: a collection moves all of them.
    private RunRecord[] _ended = [];
    private int _count;
    private List<OpenRun>? _open;

    public SessionRecord Session { get; set; } = session;

    /// <summary>The runs that have not ended, by creation.</summary>
    public IReadOnlyList<OpenRun> Open => (IReadOnlyList<OpenRun>?)_open ?? [];

    /// <summary>The runs that have ended, by first save.</summary>
    public ReadOnlySpan<RunRecord> Ended() => _ended.AsSpan(0, _count);

    /// <summary>All runs. One that is open again has one record: the open one.</summary>
    public IEnumerable<RunRecord> AllRuns()
    {
        var ended = _ended.Take(_count);
        return _open is { Count: > 0 } open ? [.. ended.Where(r => open.TrueForAll(o => o.Record.Id != r.Id)), .. open.Select(static o => o.Record)] : ended;
    }

    public RunRecord? FindEnded(string id) => IndexOf(id) is >= 0 and var index ? _ended[index] : null;

    public OpenRun? FindOpen(string id) => _open?.Find(o => o.Record.Id == id);

    /// <summary>Adds a run that has ended, or replaces an earlier attempt of it.</summary>
    /// <returns>What it replaced; null for nothing.</returns>
    public RunRecord? Put(RunRecord run)
    {
        // A retry replaces a recent run, so look from the end.
        if (run.Attempt > 1 && IndexOf(run.Id) is >= 0 and var index)
        {
            var replaced = _ended[index];
            _ended[index] = run;
            return replaced;
        }

        if (_count == _ended.Length) Array.Resize(ref _ended, Math.Max(1, 2 * _count));
        _ended[_count++] = run;
        return null;
    }

    /// <returns>What was removed; null for nothing.</returns>
    public RunRecord? RemoveRun(string id)
    {
        if (IndexOf(id) is not (>= 0 and var index)) return null;
        var removed = _ended[index];
        _count--;
        Array.Copy(_ended, index + 1, _ended, index, _count - index);
        _ended[_count] = null!;
        return removed;
    }

    public void AddOpen(OpenRun run)
    {
        (_open ??= new(1)).Add(run);
        _open.Sort(OpenRun.Compare);
    }

    public void RemoveOpen(OpenRun run) => _open?.Remove(run);

    private int IndexOf(string id)
    {
        var index = _count - 1;
        while (index >= 0 && _ended[index].Id != id) index--;
        return index;
    }
}
