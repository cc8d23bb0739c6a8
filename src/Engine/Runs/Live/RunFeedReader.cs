using System.Threading.Tasks.Sources;

namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// Reads the events of a run one by one. One object for the whole run: waiting for an event allocates nothing, and the reader continues
/// on the thread that adds the event. For one flow at a time.
/// </summary>
internal sealed class RunFeedReader(RunFeed feed, long afterId, CancellationToken cancellationToken)
    : IAsyncEnumerable<RunEvent>, IAsyncEnumerator<RunEvent>, IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _next;
    private CancellationTokenRegistration _cancelling;
    private readonly CancellationToken _token = cancellationToken;
    private long _id = Math.Max(0, afterId);
    private bool _isRegistered;
    private bool _hasEnded;
    private int _isWaiting;

    public RunEvent Current { get; private set; } = null!;

    /// <param name="cancellationToken">Replaces the token that this reader was made with.</param>
    public IAsyncEnumerator<RunEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new RunFeedReader(feed, afterId, cancellationToken.CanBeCanceled ? cancellationToken : _token);

    public ValueTask<bool> MoveNextAsync()
    {
        if (_hasEnded) return new(false);
        _id++;
        if (feed.TryGet(_id, out var next)) return new(Take(next));
        _token.ThrowIfCancellationRequested();
        _next.Reset();
        Volatile.Write(ref _isWaiting, 1);
        if (!_isRegistered && _token.CanBeCanceled)
        {
            _isRegistered = true;
            _cancelling = _token.UnsafeRegister(static reader => ((RunFeedReader)reader!).Cancel(), this);
        }

        // Late, because an event may come at once.
        feed.Await(this, _id);
        // A token that was cancelled before this reader waited has called it for nothing.
        if (_token.IsCancellationRequested) Cancel();
        return new(this, _next.Version);
    }

    /// <summary>The feed has changed: it may have the event that this reader waits for, or no more.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 0) return;
        if (feed.TryGet(_id, out var next))
        {
            _next.SetResult(Take(next));
            return;
        }

        // A run that began a second time changed nothing that this reader waits for.
        Interlocked.Exchange(ref _isWaiting, 1);
        if (_token.IsCancellationRequested) Cancel();
        else feed.Await(this, _id);
    }

    public ValueTask DisposeAsync()
    {
        feed.Forget(this);
        return _cancelling.DisposeAsync();
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _next.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _next.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _next.OnCompleted(continuation, state, token, flags);

    private bool Take(RunEvent? next)
    {
        _hasEnded = next is null or RunEvent.Ended;
        if (next is not null) Current = next;
        return next is not null;
    }

    private void Cancel()
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1) _next.SetException(new OperationCanceledException(_token));
    }
}
