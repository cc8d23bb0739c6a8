namespace PluginHost.Sqlite;

/// <summary>A value in a cache.</summary>
internal interface ICacheValue
{
    /// <summary>The approximate memory in bytes.</summary>
    long Size { get; }
}

/// <summary>
/// Keeps the most recently used values up to a number of bytes. Reads may overlap commits: a reader gets the key's version before
/// the read, and its value is added only when no commit has changed the version. Thread-safe.
/// </summary>
internal sealed class LruCache<TKey, TValue>
    where TKey : notnull
    where TValue : class, ICacheValue
{
    private const int VersionCount = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _recent = new();
    private readonly long[] _versions = new long[VersionCount];
    private long _capacity;
    private long _size;

    /// <summary>Raises the capacity to at least this many bytes.</summary>
    public void RaiseCapacity(long capacity)
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

    /// <summary>Gets the version of a key, before a read. Several keys share a version, which can only prevent an addition.</summary>
    public long GetVersion(TKey key)
    {
        lock (_lock) return _versions[GetVersionIndex(key)];
    }

    /// <summary>Adds a value that was read, unless a commit has changed the key's version.</summary>
    public void AddIfUnchanged(TKey key, TValue value, long version)
    {
        lock (_lock)
        {
            if (_versions[GetVersionIndex(key)] == version) Put(key, value);
        }
    }

    /// <summary>Updates a value after a commit, and invalidates reads that began before it.</summary>
    /// <param name="key">The changed key.</param>
    /// <param name="change">Receives the cached value, or null, and returns the value to keep; null to remove it.</param>
    public void Update(TKey key, Func<TValue?, TValue?> change)
    {
        lock (_lock)
        {
            _versions[GetVersionIndex(key)]++;
            var old = _entries.GetValueOrDefault(key)?.Value.Value;
            var value = change(old);
            if (value is null) Remove(key);
            else if (!ReferenceEquals(value, old)) Put(key, value);
        }
    }

    /// <summary>Removes all values, and invalidates reads that began before.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
            _recent.Clear();
            _size = 0;
            for (var i = 0; i < VersionCount; i++) _versions[i]++;
        }
    }

    private static int GetVersionIndex(TKey key) => (int)((uint)key.GetHashCode() % VersionCount);

    private void Put(TKey key, TValue value)
    {
        Remove(key);
        // A value larger than the cache must not evict all others.
        if (value.Size > _capacity) return;
        var entry = new Entry(key, value, value.Size);
        _entries[key] = _recent.AddFirst(entry);
        _size += entry.Size;
        while (_size > _capacity && _recent.Last is { } oldest) Remove(oldest.Value.Key);
    }

    private void Remove(TKey key)
    {
        if (!_entries.Remove(key, out var node)) return;
        _recent.Remove(node);
        _size -= node.Value.Size;
    }

    private sealed record Entry(TKey Key, TValue Value, long Size);
}
