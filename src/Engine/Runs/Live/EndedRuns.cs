namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// The runs that ended last, up to a number of bytes. Beyond it, the tenant that holds the most loses its oldest run, so that no
/// tenant takes what the others need. Thread-safe.
/// </summary>
/// <param name="remove">Called for each run that is no longer kept.</param>
internal sealed class EndedRuns(Action<RunHandle> remove)
{
    // Each run counts as at least this part of the limit. So there are never more runs than this.
    private const int MaxCount = 256;

    private readonly Lock _lock = new();
    // The oldest first. It is the one that is mostly removed, so the places before _first are empty, and are removed together.
    private readonly List<Kept> _runs = [];
    private int _first;
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>What the kept runs count.</summary>
    public long Bytes
    {
        get { lock (_lock) return _bytes; }
    }

    /// <summary>Keeps a run, or removes it when it alone is larger than the limit.</summary>
    public void Add(RunHandle run, long limit)
    {
        var bytes = Math.Max(run.Measure(), limit / MaxCount);
        lock (_lock)
        {
            if (bytes > limit)
            {
                remove(run);
                return;
            }

            var tenant = run.Record.Session.Tenant;
            if (!_shares.TryGetValue(tenant, out var share)) _shares[tenant] = share = new Share(tenant);
            _runs.Add(new Kept(run, share, bytes));
            share.Bytes += bytes;
            _bytes += bytes;
            while (_bytes > limit) RemoveAt(OldestOfLargest());
        }
    }

    /// <summary>Removes a run that is deleted.</summary>
    public void Remove(RunHandle run)
    {
        lock (_lock)
        {
            var index = _runs.FindIndex(_first, k => k.Run == run);
            if (index >= 0) RemoveAt(index);
        }
    }

    private int OldestOfLargest()
    {
        var found = _first;
        if (_shares.Count == 1) return found;
        for (var i = _first + 1; i < _runs.Count; i++)
        {
            if (_runs[i].Share.Bytes > _runs[found].Share.Bytes) found = i;
        }

        return found;
    }

    private void RemoveAt(int index)
    {
        var (run, share, bytes) = _runs[index];
        RemovePlace(index);
        _bytes -= bytes;
        share.Bytes -= bytes;
        if (share.Bytes == 0) _shares.Remove(share.Tenant);
        remove(run);
    }

    private void RemovePlace(int index)
    {
        if (index != _first)
        {
            _runs.RemoveAt(index);
            return;
        }

        _runs[_first++] = default;
        if (_first <= MaxCount) return;
        _runs.RemoveRange(0, _first);
        _first = 0;
    }

    /// <summary>What one tenant holds.</summary>
    private sealed class Share(string tenant)
    {
        public string Tenant { get; } = tenant;

        public long Bytes { get; set; }
    }

    private readonly record struct Kept(RunHandle Run, Share Share, long Bytes);
}
