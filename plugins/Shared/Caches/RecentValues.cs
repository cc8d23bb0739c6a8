namespace PluginHost.Shared.Caches;

/// <summary>A value in a cache.</summary>
internal interface ICacheValue
{
    /// <summary>The approximate memory in bytes.</summary>
    long Size { get; }
}

/// <summary>Keeps the most recently used values up to a number of bytes. Not thread-safe: its owner has the lock.</summary>
internal sealed class RecentValues<TKey, TValue>
    where TKey : notnull
    where TValue : class, ICacheValue
{
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _recent = new();
    private long _size;

    /// <summary>The maximum number of bytes.</summary>
    public long Capacity { get; set; }

    /// <summary>Finds a value. Its place in the order stays.</summary>
    public TValue? Find(TKey key) => _entries.GetValueOrDefault(key)?.Value.Value;

    /// <summary>Finds a value, which is then the most recently used one.</summary>
    public TValue? Use(TKey key)
    {
        if (!_entries.TryGetValue(key, out var node)) return null;
        if (node == _recent.First) return node.Value.Value;
        _recent.Remove(node);
        _recent.AddFirst(node);
        return node.Value.Value;
    }

    /// <summary>Adds or replaces a value, and removes those that were used least recently until the rest fits.</summary>
    public void Put(TKey key, TValue value)
    {
        Remove(key);
        var entry = new Entry(key, value, value.Size);
        // A value larger than the cache must not evict all others.
        if (entry.Size > Capacity) return;
        _entries[key] = _recent.AddFirst(entry);
        _size += entry.Size;
        while (_size > Capacity && _recent.Last is { } oldest) Remove(oldest.Value.Key);
    }

    public void Remove(TKey key)
    {
        if (!_entries.Remove(key, out var node)) return;
        _recent.Remove(node);
        _size -= node.Value.Size;
    }

    public void Clear()
    {
        _entries.Clear();
        _recent.Clear();
        _size = 0;
    }

    private sealed record Entry(TKey Key, TValue Value, long Size);
}
