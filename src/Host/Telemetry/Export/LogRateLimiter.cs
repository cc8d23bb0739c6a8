namespace PluginHost.Telemetry.Export;

/// <summary>Limits a log message to one per minute, and counts the events between two messages. Thread-safe.</summary>
internal sealed class LogRateLimiter(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long _lastLogged;
    private long _unlogged;

    /// <summary>Adds events.</summary>
    /// <returns>The number of events since the last message; null when no message is due.</returns>
    public long? Add(long events = 1)
    {
        lock (_lock)
        {
            _unlogged += events;
            var now = time.GetTimestamp();
            if (_lastLogged != 0 && time.GetElapsedTime(_lastLogged, now) < Interval) return null;
            _lastLogged = now;
            var count = _unlogged;
            _unlogged = 0;
            return count;
        }
    }
}
