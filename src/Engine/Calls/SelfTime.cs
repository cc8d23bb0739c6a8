namespace PluginHost.Engine.Calls;

/// <summary>
/// A middleware's own time: runs while the middleware's code does, stands still while what it wraps does. When it exceeds the
/// timeout, the token is cancelled. For one flow at a time.
/// </summary>
internal sealed class SelfTime : IDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _cancellation;
    private readonly Lock _lock = new();
    private TimeSpan _timeout;
    private TaskCompletionSource? _expired;
    private CancellationTokenRegistration _hurry;
    private ITimer? _timer;
    private TimeSpan _used;
    private long _since;
    private bool _running;

    public SelfTime(TimeSpan timeout, TimeProvider time, CancellationToken outer)
    {
        _timeout = timeout;
        _time = time;
        _outer = outer;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(outer);
        _since = time.GetTimestamp();
        _running = true;
    }

    /// <summary>Cancelled with the run, or when the own time is used up.</summary>
    public CancellationToken Token => _cancellation.Token;

    public bool IsExpired => _expired?.Task.IsCompleted == true;

    /// <summary>How much time the middleware has used.</summary>
    public TimeSpan Used
    {
        get
        {
            lock (_lock) return _running ? _used + _time.GetElapsedTime(_since) : _used;
        }
    }

    /// <summary>
    /// Sets the timer. Not before the middleware has turned out to be asynchronous: most never need one.
    /// </summary>
    /// <returns>Ends when the own time is used up; after the run was cancelled, <see cref="BoundedWait.Grace"/> is left.</returns>
    public Task Watch()
    {
        if (_expired is { } watched) return watched.Task;
        _expired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _timer = _time.CreateTimer(static state => ((SelfTime)state!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            SetTimer();
        }

        _hurry = _outer.UnsafeRegister(static state => ((SelfTime)state!).Hurry(), this);
        return _expired.Task;
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
            SetTimer();
        }
    }

    /// <summary>Tells what is wrapped to stop.</summary>
    public void Cancel() => BoundedWait.Cancel(_cancellation);

    public void Dispose()
    {
        _hurry.Unregister();
        _timer?.Dispose();
        _cancellation.Dispose();
    }

    private TimeSpan Left()
    {
        var left = _timeout - _used - _time.GetElapsedTime(_since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void SetTimer()
    {
        if (_running) _timer?.Change(Left(), Timeout.InfiniteTimeSpan);
    }

    /// <summary>A middleware that ignores the run's cancellation has <see cref="BoundedWait.Grace"/> at most.</summary>
    private void Hurry()
    {
        lock (_lock)
        {
            var used = _running ? _used + _time.GetElapsedTime(_since) : _used;
            if (used + BoundedWait.Grace >= _timeout) return;
            _timeout = used + BoundedWait.Grace;
            SetTimer();
        }
    }

    private void Expire()
    {
        lock (_lock)
        {
            if (!_running) return;
            if (Left() > TimeSpan.Zero)
            {
                // Timers count in coarser steps than the clock, and may come a little early.
                _timer!.Change(Left() + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }
        }

        _expired!.TrySetResult();
        Cancel();
    }
}
