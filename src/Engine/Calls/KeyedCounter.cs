using System.Runtime.InteropServices;

namespace PluginHost.Engine.Calls;

/// <summary>Counts what each key has in use. A key with nothing in use costs nothing. Thread-safe.</summary>
internal sealed class KeyedCounter<TKey>
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, long> _counts = [];

    /// <summary>Counts one more; the caller must <see cref="Remove"/> it.</summary>
    /// <returns>How many there are now.</returns>
    public long Add(TKey key)
    {
        lock (_lock) return ++CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _);
    }

    /// <summary>Counts more unless the key would have more than it may; the caller must <see cref="Remove"/> it. What is first in use may exceed the limit alone.</summary>
    public bool TryAdd(TKey key, long limit, long amount = 1)
    {
        lock (_lock)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _);
            if (count > 0 && count + amount > limit) return false;
            count += amount;
            return true;
        }
    }

    public void Remove(TKey key, long amount = 1)
    {
        lock (_lock)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, key);
            count -= amount;
            if (count == 0) _counts.Remove(key);
        }
    }
}
