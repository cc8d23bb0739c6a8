using PluginHost.Engine.Calls;

namespace PluginHost.Engine.Chains;

/// <summary>The chains in use. A swap is one exchange: runs that have begun end on the old set. Thread-safe.</summary>
internal sealed class ChainHolder
{
    private readonly PluginCaller _caller;
    private ChainSet? _current;

    internal ChainHolder(PluginCaller caller) => _caller = caller;

    /// <summary>The set in use now, without a lease: for looking at, not for calling.</summary>
    public ChainSet Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("The chains have not been built yet.");

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
    /// <param name="drainTimeout">How long runs on the old set may continue before its plugins are disposed under them.</param>
    /// <returns>Ends when the old set has been drained and disposed.</returns>
    public Task SwapAsync(ChainSet next, TimeSpan drainTimeout)
    {
        var previous = Interlocked.Exchange(ref _current, next);
        return previous?.RetireAsync(drainTimeout, deadline: null, _caller) ?? Task.CompletedTask;
    }

    /// <summary>Retires the set in use, at the end of the host's life.</summary>
    public Task StopAsync(Deadline deadline)
    {
        var last = Interlocked.Exchange(ref _current, null);
        // Half for calls that still run, so that plugins have time to stop.
        return last?.RetireAsync(deadline.Remaining / 2, deadline, _caller) ?? Task.CompletedTask;
    }
}
