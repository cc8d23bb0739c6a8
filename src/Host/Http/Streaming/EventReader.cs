using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using PluginHost.Engine.Runs.Live;

namespace PluginHost.Http.Streaming;

/// <summary>
/// Reads the events of a run one by one, and calls back while the run is silent. One timer for the whole stream; waiting for an event
/// allocates nothing. For one flow at a time.
/// </summary>
internal sealed class EventReader : IAsyncDisposable, IValueTaskSource
{
    /// <summary>The time between two calls back. Clients and proxies close idle connections after 30 seconds at the earliest.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _reading;
    private readonly IAsyncEnumerator<RunEvent> _source;
    private readonly Action _moved;
    private ManualResetValueTaskSourceCore<bool> _wake;
    private ITimer? _timer;
    private long _silentSince;
    private bool _isTimerSet;
    private bool _isMoving;
    private bool _isSilent;
    private bool _isWaiting;

    /// <param name="events">The run's events.</param>
    /// <param name="time">Measures silence.</param>
    /// <param name="cancellationToken">Cancelled when the connection is lost.</param>
    public EventReader(IAsyncEnumerable<RunEvent> events, TimeProvider time, CancellationToken cancellationToken)
    {
        _time = time;
        _moved = OnMoved;
        _reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _source = events.GetAsyncEnumerator(_reading.Token);
    }

    public RunEvent Current => _source.Current;

    /// <summary>Waits for the next event.</summary>
    /// <param name="onSilence">Called after every <see cref="Silence"/> without an event.</param>
    /// <returns>False when there are no more.</returns>
    public ValueTask<bool> MoveNextAsync(Func<Task> onSilence)
    {
        var next = _source.MoveNextAsync();
        return next.IsCompleted ? next : WaitAsync(next, onSilence);
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null) await _timer.DisposeAsync();
        await _source.DisposeAsync();
        _reading.Dispose();
    }

    void IValueTaskSource.GetResult(short token) => _wake.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    // Awaited once, by the pump, so that its object can be used again.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<bool> next, Func<Task> onSilence)
    {
        var moving = next.ConfigureAwait(false).GetAwaiter();
        Begin();
        moving.UnsafeOnCompleted(_moved);
        try
        {
            while (true)
            {
                await WakeAsync();
                if (!TakeSilence()) return moving.GetResult();
                await onSilence();
            }
        }
        catch when (Volatile.Read(ref _isMoving))
        {
            // An enumerator must not be disposed while it moves.
            await _reading.CancelAsync();
            while (Volatile.Read(ref _isMoving))
            {
                await WakeAsync();
                TakeSilence();
            }

            throw;
        }
    }

    private void Begin()
    {
        lock (_lock)
        {
            _isMoving = true;
            _silentSince = _time.GetTimestamp();
            if (_isTimerSet) return;
            _isTimerSet = true;
            if (_timer is null) _timer = _time.CreateTimer(static reader => ((EventReader)reader!).OnTimer(), this, Silence, Timeout.InfiniteTimeSpan);
            else _timer.Change(Silence, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Ends when the source has moved, or it has been silent.</summary>
    private ValueTask WakeAsync()
    {
        lock (_lock)
        {
            if (!_isMoving || _isSilent) return default;
            _wake.Reset();
            _isWaiting = true;
            return new(this, _wake.Version);
        }
    }

    private bool TakeSilence()
    {
        lock (_lock)
        {
            var isSilent = _isMoving && _isSilent;
            _isSilent = false;
            return isSilent;
        }
    }

    private void OnMoved()
    {
        lock (_lock)
        {
            _isMoving = false;
            if (!_isWaiting) return;
            _isWaiting = false;
        }

        _wake.SetResult(true);
    }

    /// <summary>The timer is not set anew for each event: it finds out how long the source has been silent.</summary>
    private void OnTimer()
    {
        lock (_lock)
        {
            if (!(_isTimerSet = _isMoving)) return;
            var left = Silence - _time.GetElapsedTime(_silentSince);
            _isSilent = left <= TimeSpan.Zero;
            if (_isSilent) (_silentSince, left) = (_time.GetTimestamp(), Silence);
            _timer!.Change(left, Timeout.InfiniteTimeSpan);
            if (!_isSilent || !_isWaiting) return;
            _isWaiting = false;
        }

        _wake.SetResult(true);
    }
}
