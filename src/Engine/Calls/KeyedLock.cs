namespace PluginHost.Engine.Calls;

/// <summary>
/// Admits one holder at a time for each key; others wait in order of arrival. A free key costs nothing. Thread-safe.
/// </summary>
internal sealed class KeyedLock<TKey>
    where TKey : notnull
{
    private readonly Lock _lock = new();

    // The keys that are held: by whom, when it said so, and who waits, when anything does.
    private readonly Dictionary<TKey, (object? Holder, LinkedList<Place>? Waiting)> _held = [];

    /// <summary>Takes the lock when it is free; the holder must <see cref="Exit"/>.</summary>
    public bool TryEnter(TKey key, object? holder = null)
    {
        lock (_lock) return _held.TryAdd(key, (holder, null));
    }

    /// <summary>What holds the lock, if it said so; null when the lock is free.</summary>
    public object? FindHolder(TKey key)
    {
        lock (_lock) return _held.GetValueOrDefault(key).Holder;
    }

    /// <summary>Says what holds the lock from now on.</summary>
    public void SetHolder(TKey key, object holder)
    {
        lock (_lock) _held[key] = _held[key] with { Holder = holder };
    }

    /// <summary>Takes the lock, or a place in the queue.</summary>
    /// <param name="key">The key.</param>
    /// <param name="queueLimit">How many may wait at most.</param>
    /// <param name="waiter">The place in the queue; null when the lock is held now.</param>
    /// <param name="holder">What <see cref="FindHolder"/> gives while it holds the lock.</param>
    /// <returns>False when the queue is full.</returns>
    public bool TryEnterOrQueue(TKey key, int queueLimit, out Waiter? waiter, object? holder = null)
    {
        waiter = null;
        lock (_lock)
        {
            if (_held.TryAdd(key, (holder, null))) return true;
            var (held, waiting) = _held[key];
            if (waiting is null) _held[key] = (held, waiting = []);
            if (waiting.Count >= queueLimit) return false;
            waiter = new Waiter(this, key, waiting.AddLast(new Place(holder)));
            return true;
        }
    }

    /// <summary>Waits for the lock; the holder must <see cref="Exit"/>.</summary>
    public async ValueTask EnterAsync(TKey key, CancellationToken cancellationToken, object? holder = null)
    {
        if (!TryEnterOrQueue(key, int.MaxValue, out var waiter, holder) || waiter is null) return;
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

    /// <summary>Keeps the first place in the queue for the holder, who lets other work exit the lock once.</summary>
    /// <returns>Ends when the lock is back.</returns>
    public Task LendAsync(TKey key, object holder)
    {
        lock (_lock)
        {
            var (held, waiting) = _held[key];
            if (waiting is null) _held[key] = (held, waiting = []);
            return waiting.AddFirst(new Place(holder) { IsEarly = true }).Value.Turn.Task;
        }
    }

    /// <summary>Waits for the lock before those in the queue, but behind those that came before them in the same way, or have lent the lock.</summary>
    /// <returns>Ends when the lock is held; the holder must <see cref="Exit"/>.</returns>
    public Task EnterEarlyAsync(TKey key, object holder)
    {
        lock (_lock)
        {
            if (_held.TryAdd(key, (holder, null))) return Task.CompletedTask;
            var (held, waiting) = _held[key];
            if (waiting is null) _held[key] = (held, waiting = []);
            var (place, next) = (new Place(holder) { IsEarly = true }, waiting.First);
            while (next is { Value.IsEarly: true }) next = next.Next;
            if (next is null) waiting.AddLast(place);
            else waiting.AddBefore(next, place);
            return place.Turn.Task;
        }
    }

    /// <summary>Gives the lock to the first waiter, or frees it.</summary>
    public void Exit(TKey key)
    {
        lock (_lock)
        {
            if (_held[key].Waiting is { First: { } next } waiting)
            {
                waiting.RemoveFirst();
                _held[key] = (next.Value.Holder, waiting);
                next.Value.Turn.SetResult();
            }
            else
            {
                _held.Remove(key);
            }
        }
    }

    /// <summary>A place in the queue.</summary>
    internal sealed class Waiter(KeyedLock<TKey> owner, TKey key, LinkedListNode<Place> place)
    {
        /// <summary>Ends when the lock is held.</summary>
        public Task Turn => place.Value.Turn.Task;

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

    /// <summary>What waits, and how it learns of its turn.</summary>
    internal sealed class Place(object? holder)
    {
        public object? Holder { get; } = holder;

        /// <summary>Whether it comes before the queue.</summary>
        public bool IsEarly { get; init; }

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
