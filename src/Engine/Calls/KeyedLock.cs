namespace PluginHost.Engine.Calls;

/// <summary>
/// Admits one holder at a time for each key; others wait in order of arrival. A free key costs nothing. Thread-safe.
/// </summary>
internal sealed class KeyedLock<TKey>
    where TKey : notnull
{
    private readonly Lock _lock = new();

    // A key that is held; the value lists the waiters, when there are any.
    private readonly Dictionary<TKey, LinkedList<TaskCompletionSource>?> _held = [];

    /// <summary>Takes the lock when it is free; the holder must <see cref="Exit"/>.</summary>
    public bool TryEnter(TKey key)
    {
        lock (_lock) return _held.TryAdd(key, null);
    }

    /// <summary>Takes the lock, or a place in the queue.</summary>
    /// <param name="key">The key.</param>
    /// <param name="queueLimit">How many may wait at most.</param>
    /// <param name="waiter">The place in the queue; null when the lock is held now.</param>
    /// <returns>False when the queue is full.</returns>
    public bool TryEnterOrQueue(TKey key, int queueLimit, out Waiter? waiter)
    {
        waiter = null;
        lock (_lock)
        {
            if (_held.TryAdd(key, null)) return true;
            var waiting = _held[key] ??= [];
            if (waiting.Count >= queueLimit) return false;
            waiter = new Waiter(this, key, waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
            return true;
        }
    }

    /// <summary>Waits for the lock; the holder must <see cref="Exit"/>.</summary>
    public async ValueTask EnterAsync(TKey key, CancellationToken cancellationToken)
    {
        if (!TryEnterOrQueue(key, int.MaxValue, out var waiter) || waiter is null) return;
        try
        {
            await waiter.Turn.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            waiter.GiveUp();
            throw;
        }
    }

    /// <summary>Gives the lock to the first waiter, or frees it.</summary>
    public void Exit(TKey key)
    {
        lock (_lock)
        {
            if (_held[key] is { First: { } next } waiting)
            {
                waiting.RemoveFirst();
                next.Value.SetResult();
            }
            else
            {
                _held.Remove(key);
            }
        }
    }

    /// <summary>A place in the queue.</summary>
    internal sealed class Waiter(KeyedLock<TKey> owner, TKey key, LinkedListNode<TaskCompletionSource> place)
    {
        /// <summary>Ends when the lock is held.</summary>
        public Task Turn => place.Value.Task;

        /// <summary>Leaves the queue. A lock that was handed over just now is passed on.</summary>
        public void GiveUp()
        {
            lock (owner._lock)
            {
                if (place.List is { } waiting)
                {
                    waiting.Remove(place);
                    return;
                }
            }

            owner.Exit(key);
        }
    }
}
