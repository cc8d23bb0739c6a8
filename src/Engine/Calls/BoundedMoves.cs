using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace PluginHost.Engine.Calls;

/// <summary>
/// Waits for the items of a stream, but only <see cref="BoundedWait.Grace"/> after the token was cancelled. Waiting for an item allocates
/// nothing. For one flow at a time.
/// </summary>
internal sealed class BoundedMoves : IValueTaskSource<bool>, IDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationToken _cancellation;
    private readonly Action _moved;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter _move;
    private CancellationTokenRegistration _cancelling;
    private ITimer? _grace;
    private bool _isRegistered;
    private int _isWaiting;
    private volatile bool _isMoving;

    public BoundedMoves(TimeProvider time, CancellationToken cancellationToken) => (_time, _cancellation, _moved) = (time, cancellationToken, OnMoved);

    /// <summary>Whether the stream is still on its way to an item: it was left alone, and cannot be disposed.</summary>
    public bool IsMoving => _isMoving;

    /// <summary>Waits for a move that the stream has begun.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled and the stream did not end.</exception>
    public ValueTask<bool> WaitAsync(ValueTask<bool> move)
    {
        if (move.IsCompleted) return move;
        _move = move.ConfigureAwait(false).GetAwaiter();
        _isMoving = true;
        _wait.Reset();
        // With a fence: a cancellation either sees this wait, or is seen by it.
        Interlocked.Exchange(ref _isWaiting, 1);
        if (_isRegistered && _cancellation.IsCancellationRequested) OnCancelled();
        else if (!_isRegistered && _cancellation.CanBeCanceled)
        {
            _isRegistered = true;
            _cancelling = _cancellation.UnsafeRegister(static moves => ((BoundedMoves)moves!).OnCancelled(), this);
        }

        _move.UnsafeOnCompleted(_moved);
        return new(this, _wait.Version);
    }

    public void Dispose()
    {
        _cancelling.Dispose();
        _grace?.Dispose();
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _wait.GetResult(token) && _move.GetResult();

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private void OnMoved()
    {
        _isMoving = false;
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1) _wait.SetResult(true);
        else Forget();
    }

    private void OnCancelled()
    {
        if (Volatile.Read(ref _isWaiting) == 0) return;
        if (_grace is null) _grace = _time.CreateTimer(static moves => ((BoundedMoves)moves!).OnGraceOver(), this, BoundedWait.Grace, Timeout.InfiniteTimeSpan);
        else _grace.Change(BoundedWait.Grace, Timeout.InfiniteTimeSpan);
    }

    private void OnGraceOver()
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1) _wait.SetException(new OperationCanceledException(_cancellation));
    }

    /// <summary>What a stream throws that was left alone is of no use to anyone.</summary>
    private void Forget()
    {
        try
        {
            _move.GetResult();
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
