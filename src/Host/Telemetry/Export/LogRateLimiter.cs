namespace PluginHost.Telemetry.Export;

/// <summary>Lets something be logged at once the first time, and then at most once a minute, with how often it happened since. Thread-safe.</summary>
internal sealed class LogRate(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _lastLogged;
    private long _unlogged;

    /// <summary>It happened.</summary>
    /// <returns>How often since it was last logged; null when it is too soon to log again.</returns>
    public long? Count(long times = 1)
    {
        lock (_gate)
        {
            _unlogged += times;
            var now = time.GetTimestamp();
            if (_lastLogged != 0 && time.GetElapsedTime(_lastLogged, now) < Interval) return null;
            _lastLogged = now;
            var count = _unlogged;
            _unlogged = 0;
            return count;
        }
    }
}
