using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Engine.Chains;

/// <summary>
/// All chains of a configuration with the session store: built completely, used by runs under a lease, replaced whole.
/// Thread-safe.
/// </summary>
/// <param name="settings">How sessions and runs are treated.</param>
/// <param name="chains">The chains by agent, in the order of the configuration.</param>
/// <param name="store">The session store.</param>
/// <param name="started">Instances to stop and dispose, in the order in which they were started.</param>
/// <param name="clients">Chat clients to dispose.</param>
/// <param name="logger">For plugins that fail while being stopped.</param>
internal sealed class ChainSet(
    SessionsConfiguration settings,
    IReadOnlyList<Chain> chains,
    SessionStoreClient store,
    IReadOnlyList<PluginInstance> started,
    IReadOnlyList<IChatClient> clients,
    ILogger logger)
{
    /// <summary>How long the plugins of a replaced set may take to stop and be disposed.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _endOfDrain = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for being current, one for each lease.
    private int _leases = 1;

    public SessionsConfiguration Settings { get; } = settings;

    /// <summary>What it took over from the sets before it; null for one that took nothing.</summary>
    public ITakeover? Takeover { get; init; }

    /// <summary>Seals compaction items.</summary>
    public CompactionSeal Seal { get; init; } = CompactionSeal.OfProcess;

    public IReadOnlyList<Chain> Chains { get; } = chains;

    /// <summary>All instances, the store's and chat clients' too, in the order in which they were started.</summary>
    public IReadOnlyList<PluginInstance> Plugins { get; } = started;

    public SessionStoreClient Store { get; } = store;

    /// <summary>How many sessions tenants may have.</summary>
    public SessionQuota Quota { get; } = new(store, settings.MaxSessions);

    /// <summary>Which plugins failed its last runs.</summary>
    public RunTally Tally { get; } = new();

    /// <summary>The chain of an agent, by its name or one of its aliases; null when there is none.</summary>
    public Chain? Find(string agent)
    {
        for (var i = 0; i < Chains.Count; i++)
        {
            if (Chains[i].Agent.Name == agent) return Chains[i];
        }

        return FindByAlias(agent);
    }

    private Chain? FindByAlias(string agent) =>
        Chains
            .SelectMany(c => c.Agent.Aliases, (chain, alias) => (Chain: chain, Alias: alias))
            .Where(a => AgentNames.Covers(a.Alias, agent))
            .OrderBy(a => a.Alias[^1] == '*').ThenByDescending(a => a.Alias.Length)
            .FirstOrDefault().Chain;

    /// <summary>Whether it may be called: it is in use, or a lease is left.</summary>
    public bool IsLeased => Volatile.Read(ref _leases) > 0;

    /// <summary>Takes a lease, unless the set has been replaced and drained.</summary>
    public bool TryLease()
    {
        var leases = Volatile.Read(ref _leases);
        while (leases > 0)
        {
            var seen = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
            if (seen == leases) return true;
            leases = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _leases) == 0) _drained.TrySetResult();
    }

    /// <summary>Ends the wait for the last lease.</summary>
    public void EndDrain() => _endOfDrain.TrySetResult();

    /// <summary>Ends a set that never came into use: gives back what it took over, and stops and disposes its plugins.</summary>
    public async Task DiscardAsync(PluginCaller caller)
    {
        if (Takeover is not null) await Takeover.RevertAsync();
        await RetireAsync(TimeSpan.Zero, deadline: null, caller);
    }

    /// <summary>Gives up being current, waits for the last lease, then stops and disposes in reverse order.</summary>
    /// <param name="drainTimeout">How long to wait for the last lease.</param>
    /// <param name="deadline">For all of it; null for as long as that and <see cref="StopTimeout"/> take.</param>
    /// <param name="caller">Calls the plugins.</param>
    public async Task RetireAsync(TimeSpan drainTimeout, Deadline? deadline, PluginCaller caller)
    {
        Release();
        try
        {
            await Task.WhenAny(_drained.Task, _endOfDrain.Task).WaitAsync(drainTimeout, caller.Time);
        }
        catch (TimeoutException)
        {
            Log.DrainTimedOut(logger, drainTimeout);
        }

        deadline ??= new Deadline(caller.Time, StopTimeout);
        await PluginLifetime.StopAsync(Plugins, deadline, caller, Failed);
        await PluginLifetime.DisposeAsync(Plugins, deadline, caller, Failed);
        foreach (var client in clients)
            await PluginLifetime.DisposeAsync(client, deadline, caller.Time, e => Log.StopFailed(logger, client.GetType().Name, LoggableError.From(e)));

        void Failed(PluginInstance plugin, Exception e) => Log.StopFailed(logger, plugin.SourceId, LoggableError.From(e));
    }
}
