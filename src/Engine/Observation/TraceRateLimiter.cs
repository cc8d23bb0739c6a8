namespace PluginHost.Engine.Observation;

/// <summary>
/// Limits the number of recorded runs per second. Under load, runs would be evicted before a user could read them, and recording all
/// would only cost time. Thread-safe.
/// </summary>
internal sealed class TraceRateLimiter(TimeProvider time, int perSecond)
{
    private readonly Lock _lock = new();
    private long _second;
    private int _acquired;

    /// <summary>Whether <see cref="TryAcquire"/> would succeed now.</summary>
    public bool CanAcquire
    {
        get
        {
            lock (_lock) return GetAcquired() < perSecond;
        }
    }

    public bool TryAcquire()
    {
        lock (_lock)
        {
            if (GetAcquired() == perSecond) return false;
            _acquired++;
            return true;
        }
    }

    /// <summary>The number acquired in the current second.</summary>
    private int GetAcquired()
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        if (second != _second) (_second, _acquired) = (second, 0);
        return _acquired;
    }
}
