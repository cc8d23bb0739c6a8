using PluginHost.Shared.Caches;

namespace PluginHost.Sqlite;

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
    private readonly RecentValues<TKey, TValue> _values = new();
    private readonly long[] _versions = new long[VersionCount];

    /// <summary>Raises the capacity to at least this many bytes.</summary>
    public void RaiseCapacity(long capacity)
    {
        lock (_lock) _values.Capacity = Math.Max(_values.Capacity, capacity);
    }

    public TValue? Get(TKey key)
    {
        lock (_lock) return _values.Use(key);
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
            if (_versions[GetVersionIndex(key)] == version) _values.Put(key, value);
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
            var old = _values.Find(key);
            var value = change(old);
            if (value is null) _values.Remove(key);
            else if (!ReferenceEquals(value, old)) _values.Put(key, value);
        }
    }

    /// <summary>Removes all values, and invalidates reads that began before.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _values.Clear();
            for (var i = 0; i < VersionCount; i++) _versions[i]++;
        }
    }

    private static int GetVersionIndex(TKey key) => (int)((uint)key.GetHashCode() % VersionCount);
}
