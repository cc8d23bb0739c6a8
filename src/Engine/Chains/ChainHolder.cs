using System.Collections.Concurrent;
using PluginHost.Engine.Calls;

namespace PluginHost.Engine.Chains;

/// <summary>The chains in use. A swap is one exchange: runs that have begun end on the old set. Thread-safe.</summary>
internal sealed class ChainHolder
{
    private readonly PluginCaller _caller;
    private readonly ConcurrentDictionary<ChainSet, Task> _retiring = new();
    private ChainSet? _current;

    internal ChainHolder(PluginCaller caller) => _caller = caller;

    /// <summary>The set in use now, without a lease: for looking at, not for calling.</summary>
    public ChainSet Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("The chains have not been built yet.");

    /// <summary>The sets that may be called: the one in use, and those that drain.</summary>
    public IReadOnlyList<ChainSet> Live => Volatile.Read(ref _current) is { } current ? [current, .. Draining] : [.. Draining];

    private IEnumerable<ChainSet> Draining => _retiring.Keys.Where(s => s.IsLeased);

    public bool IsReady => Volatile.Read(ref _current) is not null;

    /// <summary>The set in use now, kept alive until <see cref="ChainSet.Release"/>.</summary>
    public ChainSet Lease()
    {
        while (true)
        {
            var set = Current;
            // A set that cannot be leased was replaced just now.
            if (set.TryLease()) return set;
        }
    }

    /// <summary>Puts a complete set into use.</summary>
    /// <param name="next">The new set.</param>
    /// <param name="drainTimeout">
    /// How long runs on the old set may continue before its plugins are disposed under them; null for as long as its longest run may take.
    /// </param>
    /// <returns>Ends when the old set has been drained and disposed.</returns>
    public Task SwapAsync(ChainSet next, TimeSpan? drainTimeout = null)
    {
        // Runs on the sets before it call its plugins.
        var isLeased = next.Takeover?.IsUsed == true && next.TryLease();
        if (Interlocked.Exchange(ref _current, next) is not { } previous) return Task.CompletedTask;
        // Known as one that drains before it can have drained.
        var retired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _retiring[previous] = retired.Task;
        _ = RetireAsync(previous, isLeased ? next : null, drainTimeout ?? previous.Settings.QueueTimeout + previous.Settings.RunTimeout, retired);
        return retired.Task;
    }

    /// <summary>Retires the set in use and those that still drain, at the end of the host's life.</summary>
    public async Task StopAsync(Deadline deadline)
    {
        foreach (var draining in _retiring.Keys) draining.EndDrain();
        var last = Interlocked.Exchange(ref _current, null);
        // Half for calls that still run, so that plugins have time to stop.
        if (last is not null) await last.RetireAsync(deadline.Remaining / 2, deadline, _caller);
        // They ended their drain at the same time, and have had as long.
        await Task.WhenAny(Task.WhenAll(_retiring.Values), Task.Delay(deadline.Remaining, _caller.Time));
    }

    private async Task RetireAsync(ChainSet set, ChainSet? leased, TimeSpan drainTimeout, TaskCompletionSource retired)
    {
        await set.RetireAsync(drainTimeout, deadline: null, _caller);
        _retiring.TryRemove(set, out _);
        leased?.Release();
        retired.SetResult();
    }
}
