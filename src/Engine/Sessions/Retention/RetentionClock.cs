namespace PluginHost.Engine.Sessions.Retention;

/// <summary>
/// The time that decides what is idle. When the clock jumps ahead of the time that has passed, the jump counts only after it has
/// lasted for a day, so that a wrong clock deletes nothing. Not thread-safe.
/// </summary>
internal sealed class RetentionClock(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Trust = TimeSpan.FromDays(1);

    private DateTimeOffset _start = time.GetUtcNow();
    private long _since = time.GetTimestamp();
    private long? _jumped;

    public DateTimeOffset GetNow()
    {
        var clock = time.GetUtcNow();
        var passed = _start + time.GetElapsedTime(_since);
        if (clock - passed <= Tolerance)
        {
            _jumped = null;
            return clock;
        }

        if (_jumped is null) Log.ClockJumped(logger, clock - passed);
        _jumped ??= time.GetTimestamp();
        if (time.GetElapsedTime(_jumped.Value) < Trust) return passed;
        (_start, _since, _jumped) = (clock, time.GetTimestamp(), null);
        return clock;
    }
}
