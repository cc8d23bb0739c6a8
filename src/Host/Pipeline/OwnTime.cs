namespace PluginHost.Pipeline;

/// <summary>
/// A middleware's own time: runs while the middleware's code does, stands still while what it wraps does. When it exceeds the
/// timeout, the token is cancelled. For one flow at a time.
/// </summary>
internal sealed class OwnTime : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _cancellation;
    private readonly TaskCompletionSource _expired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private TimeSpan _used;
    private long _since;
    private bool _running;

    public OwnTime(TimeSpan timeout, TimeProvider time, CancellationToken outer)
    {
        _timeout = timeout;
        _time = time;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(outer);
        _since = time.GetTimestamp();
        _running = true;
    }

    /// <summary>Cancelled with the run, or when the own time is used up.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Ends when the own time is used up; only watched once <see cref="Watch"/> was called.</summary>
    public Task Expired => _expired.Task;

    public bool IsExpired => _expired.Task.IsCompleted;

    /// <summary>How much time the middleware has used.</summary>
    public TimeSpan Used
    {
        get
        {
            lock (_lock) return _running ? _used + _time.GetElapsedTime(_since) : _used;
        }
    }

    /// <summary>Sets the timer. Not before the middleware has turned out to be asynchronous: most never need one.</summary>
    public void Watch()
    {
        lock (_lock)
        {
            _timer ??= _time.CreateTimer(static state => ((OwnTime)state!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (_running) _timer.Change(Left(), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>What is wrapped begins.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            if (!_running) return;
            _used += _time.GetElapsedTime(_since);
            _running = false;
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>What is wrapped has ended.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            if (_running) return;
            _since = _time.GetTimestamp();
            _running = true;
            _timer?.Change(Left(), Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _cancellation.Dispose();
    }

    private TimeSpan Left()
    {
        var left = _timeout - _used - _time.GetElapsedTime(_since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Expire()
    {
        lock (_lock)
        {
            if (!_running || Left() > TimeSpan.Zero) return;
        }

        _expired.TrySetResult();
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The middleware ended in the same moment.
        }
    }
}
