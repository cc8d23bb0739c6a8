using PluginHost.Budget.Limits;
using PluginHost.Sdk;

namespace PluginHost.Budget.Ledger;

/// <summary>
/// What all budgets have used: in memory for decisions, in a database for the next process. All instances of the plugin share one.
/// Thread-safe.
/// </summary>
internal sealed class UsageLedger : IAsyncDisposable
{
    private const int MaxCounters = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<CounterKey, Counter> _counters = [];
    private readonly LedgerDatabase _database;
    private readonly LedgerWriter _writer;
    private readonly TimeProvider _time;
    private TaskCompletionSource _released = NewSignal();

    public UsageLedger(PluginContext context)
    {
        _time = context.TimeProvider;
        _database = new LedgerDatabase(Path.Combine(context.DataPath, "budget.db"));
        _writer = new LedgerWriter(_database, context, Saved);
    }

    /// <summary>Why charges cannot be saved; null when they can.</summary>
    public string? Trouble => _writer.Trouble;

    /// <summary>Checks that no budget is used up, without reserving anything.</summary>
    /// <exception cref="RunRefusedException">One is used up.</exception>
    public void Check(IReadOnlyList<Claim> claims, DateTimeOffset now)
    {
        lock (_lock)
        {
            EvictIdle();
            foreach (var claim in claims)
            {
                if (Find(claim.Key).Used >= claim.Limit.Max) throw claim.Limit.Refuse(claim.Key, now);
            }
        }
    }

    /// <summary>
    /// Reserves what a call may use, while every budget has something left. So concurrent calls exceed a budget by at most one call, if
    /// they use no more than they reserved.
    /// </summary>
    /// <param name="claims">What the call may use.</param>
    /// <param name="wait">How long to wait for what other calls hold in reserve.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RunRefusedException">A budget is used up.</exception>
    public async ValueTask<Reservation> ReserveAsync(IReadOnlyList<Claim> claims, TimeSpan wait, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            Limit? full;
            Task released;
            lock (_lock)
            {
                EvictIdle();
                full = TryReserve(claims);
                if (full is null) return new Reservation(claims, [.. claims.Select(c => _counters[c.Key])]);
                released = _released.Task;
            }

            var left = wait - _time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero) throw full.RefuseReserved();
            try
            {
                await released.WaitAsync(left, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw full.RefuseReserved();
            }
        }
    }

    /// <summary>Replaces what a call reserved by what it used.</summary>
    /// <param name="reservation">What the call reserved.</param>
    /// <param name="amount">What it used of a budget.</param>
    /// <param name="warn">Called for each budget that reaches its warning.</param>
    /// <returns>Completes when the database has it, or cannot take it at present.</returns>
    public Task SettleAsync(Reservation reservation, Func<Claim, long> amount, Action<Claim> warn)
    {
        var charges = new List<Charge>(reservation.Claims.Count);
        var warnings = new List<Claim>();
        lock (_lock)
        {
            foreach (var (claim, counter) in reservation.Claims.Zip(reservation.Counters))
            {
                counter.Release(claim.Amount);
                var used = amount(claim);
                // What began before its session or user was deleted does not count for what comes after.
                if (used == 0 || counter.IsDeleted) continue;
                var before = counter.Used;
                counter.Charge(used);
                if (claim.Limit.Warning is { } warning && before < warning && counter.Used >= warning) warnings.Add(claim);
                charges.Add(new Charge(claim.Key, counter, used, ExpiryOf(claim)));
            }

            var released = _released;
            _released = NewSignal();
            released.SetResult();
        }

        var written = charges.Count == 0 ? Task.CompletedTask : _writer.WriteAsync(charges);
        foreach (var claim in warnings) warn(claim);
        return written;
    }

    /// <summary>Forgets the budgets of a session or a user.</summary>
    /// <param name="scope">Which of the two.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="name">The session or the user.</param>
    /// <returns>How many there were.</returns>
    public int Delete(Scope scope, string tenant, string name)
    {
        lock (_lock)
        {
            foreach (var key in _counters.Keys.Where(k => k.Scope == scope && k.Owner == tenant && k.Name == name).ToList())
            {
                _counters[key].IsDeleted = true;
                _counters.Remove(key);
            }
        }

        return _database.Delete(scope, tenant, name);
    }

    /// <summary>What the budgets of a user have used, as the database has it.</summary>
    public IReadOnlyList<(string Budget, long Used)> ReadUser(UserKey user) => _database.ReadUser(user);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _database.Dispose();
    }

    // Continuations run outside of the lock.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <returns>The budget whose rest is reserved by others; null when everything is reserved now.</returns>
    private Limit? TryReserve(IReadOnlyList<Claim> claims)
    {
        foreach (var claim in claims)
        {
            var counter = Find(claim.Key);
            if (counter.Used >= claim.Limit.Max) throw claim.Limit.Refuse(claim.Key, _time.GetUtcNow());
            if (counter.Used + counter.Reserved < claim.Limit.Max) continue;
            return claim.Limit.IsExact ? throw claim.Limit.Refuse(claim.Key, _time.GetUtcNow()) : claim.Limit;
        }

        foreach (var claim in claims) _counters[claim.Key].Reserve(claim.Amount);
        return null;
    }

    private Counter Find(CounterKey key)
    {
        return _counters.TryGetValue(key, out var counter) ? counter : _counters[key] = new Counter(_database.Read(key));
    }

    private void EvictIdle()
    {
        if (_counters.Count < MaxCounters) return;
        foreach (var idle in _counters.Where(c => c.Value.IsIdle).Select(c => c.Key).ToList()) _counters.Remove(idle);
    }

    private void Saved(Charge charge, long total)
    {
        lock (_lock) charge.Counter.Saved(charge.Amount, total);
    }

    private DateTimeOffset? ExpiryOf(Claim claim) => claim.Limit.Scope == Scope.Run
        // A run may be continued by the next process, or wait for an approval.
        ? _time.GetUtcNow().AddDays(7)
        : claim.Limit.EndOf(_time.GetUtcNow())?.AddDays(1);
}
