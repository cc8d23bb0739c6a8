using PluginHost.Shared.Caches;

namespace PluginHost.Files.Storage;

/// <summary>
/// What is known of the sessions that were used most recently, as their files have it: only the owner of the folder writes them. Callers hold the
/// session's lock. Thread-safe.
/// </summary>
/// <param name="capacity">The maximum memory in bytes.</param>
internal sealed class SessionCache<TValue>(long capacity)
    where TValue : class, ICacheValue
{
    private readonly Lock _lock = new();
    private readonly RecentValues<SessionKey, TValue> _values = new() { Capacity = capacity };
    private int _generation;

    /// <summary>Changes when all is forgotten: what was read before that must not be kept.</summary>
    public int Generation
    {
        get { lock (_lock) return _generation; }
    }

    public TValue? Find(SessionKey session)
    {
        lock (_lock) return _values.Use(session);
    }

    /// <param name="session">The session.</param>
    /// <param name="value">What is known of it.</param>
    /// <param name="generation">The generation when the work began that found it.</param>
    public void Put(SessionKey session, TValue value, int generation)
    {
        lock (_lock)
        {
            if (generation == _generation) _values.Put(session, value);
        }
    }

    public void Remove(SessionKey session)
    {
        lock (_lock) _values.Remove(session);
    }

    /// <summary>The files may change without this store.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _values.Clear();
            _generation++;
        }
    }
}
