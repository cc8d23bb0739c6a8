using System.Runtime.InteropServices;

namespace PluginHost.Engine.Calls;

/// <summary>Counts what each key has in use. A key with nothing in use costs nothing. Thread-safe.</summary>
internal sealed class KeyedCounter<TKey>
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, int> _counts = [];

    /// <summary>Counts one more; the caller must <see cref="Remove"/> it.</summary>
    /// <returns>How many there are now.</returns>
    public int Add(TKey key)
    {
        lock (_lock) return ++CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _);
    }

    /// <summary>Counts one more unless the key has as many as it may; the caller must <see cref="Remove"/> it.</summary>
    public bool TryAdd(TKey key, int limit)
    {
        lock (_lock)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _);
            if (count >= limit) return false;
            count++;
            return true;
        }
    }

    public void Remove(TKey key)
    {
        lock (_lock)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, key);
            if (--count == 0) _counts.Remove(key);
        }
    }
}
