namespace PluginHost.Sqlite;

/// <summary>A value of a cache.</summary>
internal interface ICached
{
    /// <summary>About how many bytes of memory it takes.</summary>
    long Cost { get; }
}

/// <summary>
/// Keeps what was used last, up to a number of bytes. Filled from reads that may overlap commits: whoever reads takes
/// a stamp first, and what was read is kept only when no commit has touched the key since. Thread-safe.
/// </summary>
internal sealed class RecentCache<TKey, TValue>
    where TKey : notnull
    where TValue : class, ICached
{
    private const int Stamps = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _recent = new();
    private readonly long[] _stamps = new long[Stamps];
    private long _capacity;
    private long _cost;

    /// <summary>Lets the cache grow to at least this many bytes.</summary>
    public void Allow(long capacity)
    {
        lock (_lock) _capacity = Math.Max(_capacity, capacity);
    }

    public TValue? Get(TKey key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node)) return null;
            if (node == _recent.First) return node.Value.Value;
            _recent.Remove(node);
            _recent.AddFirst(node);
            return node.Value.Value;
        }
    }

    /// <summary>To be taken before a read whose result will be offered. Keys share stamps; that only costs a chance to keep.</summary>
    public long Stamp(TKey key)
    {
        lock (_lock) return _stamps[Slot(key)];
    }

    /// <summary>Keeps what was read, unless a commit has touched the key since the stamp was taken.</summary>
    public void Offer(TKey key, TValue value, long stamp)
    {
        lock (_lock)
        {
            if (_stamps[Slot(key)] == stamp) Put(key, value);
        }
    }

    /// <summary>After a commit: changes what is kept, and makes reads that began before it stale.</summary>
    /// <param name="key">What the commit touched.</param>
    /// <param name="change">Gets what is kept, null when nothing is, and returns what to keep; null for nothing.</param>
    public void Change(TKey key, Func<TValue?, TValue?> change)
    {
        lock (_lock)
        {
            _stamps[Slot(key)]++;
            var old = _entries.GetValueOrDefault(key)?.Value.Value;
            var value = change(old);
            if (value is null) Remove(key);
            else if (!ReferenceEquals(value, old)) Put(key, value);
        }
    }

    private static int Slot(TKey key) => (int)((uint)key.GetHashCode() % Stamps);

    private void Put(TKey key, TValue value)
    {
        Remove(key);
        // What is too large for the cache must not push out all the rest first.
        if (value.Cost > _capacity) return;
        var entry = new Entry(key, value, value.Cost);
        _entries[key] = _recent.AddFirst(entry);
        _cost += entry.Cost;
        while (_cost > _capacity && _recent.Last is { } oldest) Remove(oldest.Value.Key);
    }

    private void Remove(TKey key)
    {
        if (!_entries.Remove(key, out var node)) return;
        _recent.Remove(node);
        _cost -= node.Value.Cost;
    }

    private sealed record Entry(TKey Key, TValue Value, long Cost);
}
