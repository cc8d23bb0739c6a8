namespace PluginHost.Telemetry.RunTraces;

/// <summary>
/// Lets so many runs of each second have their traces recorded. Under load they would push each other out of the ring before
/// anybody could look, and recording them all would cost what serves nobody. Thread-safe.
/// </summary>
internal sealed class TraceRate(TimeProvider time, int perSecond)
{
    private readonly Lock _lock = new();
    private long _second;
    private int _taken;

    /// <summary>Whether one more would be let through now.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock) return CountTaken() < perSecond;
        }
    }

    public bool TryTake()
    {
        lock (_lock)
        {
            if (CountTaken() == perSecond) return false;
            _taken++;
            return true;
        }
    }

    private int CountTaken()
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        if (second != _second) (_second, _taken) = (second, 0);
        return _taken;
    }
}
