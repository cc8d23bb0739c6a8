namespace PluginHost.Http.Errors;

/// <summary>
/// Limits the lines about refused requests whose sender is not known, because anyone can send any number of them. What was left out is
/// counted, and told with the next line. Thread-safe.
/// </summary>
internal sealed class RefusalLines(TimeProvider time, ILogger<RefusalLines> logger)
{
    public const int PerMinute = 60;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long _since = time.GetTimestamp();
    private int _written;
    private long _leftOut;

    /// <summary>Whether one more line may be written.</summary>
    public bool MayWrite()
    {
        long leftOut = 0;
        lock (_lock)
        {
            if (time.GetElapsedTime(_since) >= Window)
            {
                leftOut = _leftOut;
                (_since, _written, _leftOut) = (time.GetTimestamp(), 0, 0);
            }

            if (_written == PerMinute)
            {
                _leftOut++;
                return false;
            }

            _written++;
        }

        if (leftOut > 0) Log.RefusalsLeftOut(logger, leftOut);
        return true;
    }
}
