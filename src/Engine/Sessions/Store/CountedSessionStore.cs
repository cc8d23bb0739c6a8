using System.Collections.Concurrent;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>
/// A session store whose sessions are counted once for each tenant and then with every save and delete. Counted anew after a
/// while, because a store may have other users. Thread-safe.
/// </summary>
internal sealed class CountedSessionStore(ISessionStore store, TimeProvider time) : ISessionStore
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    public bool Covers(IHistoryProvider history) => store.Covers(history);

    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
        store.FindSessionsAsync(query, cancellationToken);

    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        store.FindRunsAsync(query, cancellationToken);

    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken)
    {
        var counter = _counters.GetOrAdd(tenant, static (t, me) => me.Start(t), this);
        if (counter.Stored is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } && time.GetElapsedTime(counter.Since) < Lifetime)
            return new(counter.Stored.Value.Result + counter.Change);
        return CountAsync(tenant, counter, cancellationToken);
    }

    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) =>
        save.ExpectedVersion > 0 ? store.SaveAsync(save, cancellationToken) : CreateAsync(save, cancellationToken);

    public async ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken)
    {
        var removed = await store.DeleteAsync(session, cancellationToken);
        if (removed > 0) Add(session.Tenant, -1);
        return removed;
    }

    private async ValueTask CreateAsync(SessionSave save, CancellationToken cancellationToken)
    {
        await store.SaveAsync(save, cancellationToken);
        Add(save.Session.Key.Tenant, 1);
    }

    private async ValueTask<long> CountAsync(string tenant, Counter counter, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(counter.Since) >= Lifetime)
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

    // Not with the caller's token: others wait for the same count.
    private Counter Start(string tenant) =>
        new(new Lazy<Task<long>>(() => store.CountSessionsAsync(tenant, CancellationToken.None).AsTask()), time.GetTimestamp());

    private void Add(string tenant, int change)
    {
        if (_counters.TryGetValue(tenant, out var counter)) counter.Add(change);
    }

    private sealed class Counter(Lazy<Task<long>> stored, long since)
    {
        private long _change;

        public Lazy<Task<long>> Stored { get; } = stored;

        public long Since { get; } = since;

        public long Change => Interlocked.Read(ref _change);

        public void Add(int change) => Interlocked.Add(ref _change, change);
    }
}
