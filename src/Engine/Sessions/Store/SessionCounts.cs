using System.Collections.Concurrent;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>
/// How many sessions each tenant has: counted once by the store, then with every save and delete. Counted again after a while,
/// because a store may have other users. Thread-safe.
/// </summary>
internal sealed class SessionCounts(Func<string, Task<long>> count, TimeProvider time, bool isShared = false)
{
    /// <summary>How many tenants have their counts kept at most.</summary>
    public const int MaxTenants = 10_000;

    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    // Other hosts create and delete sessions too.
    private readonly TimeSpan _lifetime = isShared ? TimeSpan.FromSeconds(30) : TimeSpan.FromMinutes(10);

    public ValueTask<long> GetAsync(string tenant, CancellationToken cancellationToken)
    {
        if (!_counters.TryGetValue(tenant, out var counter)) counter = Add(tenant);
        if (counter.Stored is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } && time.GetElapsedTime(counter.Since) < _lifetime)
            return new(counter.Stored.Value.Result + counter.Change);
        return CountAsync(tenant, counter, cancellationToken);
    }

    /// <summary>The tenant has more or fewer sessions than before.</summary>
    public void Change(string tenant, int change)
    {
        if (_counters.TryGetValue(tenant, out var counter)) counter.Add(change);
    }

    private async ValueTask<long> CountAsync(string tenant, Counter counter, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(counter.Since) >= _lifetime)
        {
            var next = Start(tenant);
            counter = _counters.TryUpdate(tenant, next, counter) ? next : _counters.GetOrAdd(tenant, next);
        }

        try
        {
            return await counter.Stored.Value.WaitAsync(cancellationToken) + counter.Change;
        }
        catch (Exception e) when (e is not OperationCanceledException || counter.Stored.Value.IsFaulted)
        {
            // The next caller asks again.
            _counters.TryRemove(new(tenant, counter));
            throw;
        }
    }

    private Counter Add(string tenant)
    {
        // The store counts again, so none of them need stay.
        if (_counters.Count >= MaxTenants) _counters.Clear();
        return _counters.GetOrAdd(tenant, Start(tenant));
    }

    private Counter Start(string tenant) => new(new Lazy<Task<long>>(() => count(tenant)), time.GetTimestamp());

    private sealed class Counter(Lazy<Task<long>> stored, long since)
    {
        private long _change;

        public Lazy<Task<long>> Stored { get; } = stored;

        public long Since { get; } = since;

        public long Change => Interlocked.Read(ref _change);

        public void Add(int change) => Interlocked.Add(ref _change, change);
    }
}
