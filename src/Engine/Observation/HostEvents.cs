namespace PluginHost.Engine.Observation;

/// <summary>
/// The last events of the host, for those who follow them. Memory is bounded: a follower reads from the ring at its own speed, and one
/// that is too slow misses events and learns that. Thread-safe.
/// </summary>
internal sealed class HostEvents
{
    public const int Capacity = 2048;

    /// <summary>How often all followers wake up although nothing happened.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly HostEvent?[] _ring = new HostEvent[Capacity];
    private TaskCompletionSource? _changed;
    private ITimer? _timer;
    private int _followers;
    private int _next;
    private long _lost;
    private long _newest;
    private int _ticks;

    public HostEvents(TimeProvider time)
    {
        _time = time;
        // Those of earlier processes are lost.
        _lost = _newest = Microseconds(time.GetUtcNow());
    }

    /// <summary>The id of the newest event; of none, a place before the first.</summary>
    public long Newest
    {
        get
        {
            lock (_lock) return _newest;
        }
    }

    /// <summary>How often the interval has passed.</summary>
    public int Ticks => Volatile.Read(ref _ticks);

    /// <summary>Whether there will be no more events.</summary>
    public bool IsClosed { get; private set; }

    public int Followers => Volatile.Read(ref _followers);

    public void Publish(HostEvent happened)
    {
        TaskCompletionSource? changed;
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            _newest = Math.Max(_newest + 1, Microseconds(now));
            _lost = _ring[_next]?.Id ?? _lost;
            happened.Publish(_newest, now);
            _ring[_next] = happened;
            _next = (_next + 1) % Capacity;
            (changed, _changed) = (_changed, null);
        }

        changed?.TrySetResult();
    }

    /// <summary>Reads the next events.</summary>
    /// <param name="after">The id after which to read.</param>
    /// <param name="into">Takes them.</param>
    /// <param name="limit">How many at most.</param>
    /// <returns>The id of the last event before those that are lost; null when none is lost after <paramref name="after"/>.</returns>
    public long? Read(long after, List<HostEvent> into, int limit)
    {
        lock (_lock)
        {
            // An id of the future is of another clock: what it has seen is not known.
            var isUnknown = after < _lost || after > _newest;
            var from = isUnknown ? _lost : after;
            var first = Capacity;
            while (first > 0 && At(first - 1)?.Id > from) first--;
            for (; first < Capacity && into.Count < limit; first++) into.Add(At(first)!);
            return isUnknown ? _lost : null;
        }
    }

    /// <summary>Waits until there is an event after an id, or the interval has passed since so many <see cref="Ticks"/>.</summary>
    public Task WaitAsync(long after, int ticks)
    {
        lock (_lock)
        {
            if (_newest > after || _ticks != ticks || IsClosed) return Task.CompletedTask;
            return (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Counts a follower until it is disposed. All followers share one timer.</summary>
    public IDisposable Follow()
    {
        lock (_lock)
        {
            _timer ??= _time.CreateTimer(static events => ((HostEvents)events!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (_followers++ == 0) _timer.Change(Interval, Interval);
        }

        return new Follower(this);
    }

    /// <summary>Ends the waits of all followers.</summary>
    public void Close()
    {
        lock (_lock) IsClosed = true;
        Wake();
    }

    /// <summary>The event at a place of the ring, the oldest first; null for one that is still empty.</summary>
    private HostEvent? At(int place) => _ring[(_next + place) % Capacity];

    private void Tick()
    {
        lock (_lock) _ticks++;
        Wake();
    }

    private void Wake()
    {
        TaskCompletionSource? changed;
        lock (_lock) (changed, _changed) = (_changed, null);
        changed?.TrySetResult();
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_followers == 0) _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed class Follower(HostEvents events) : IDisposable
    {
        private HostEvents? _events = events;

        public void Dispose() => Interlocked.Exchange(ref _events, null)?.Leave();
    }
}
