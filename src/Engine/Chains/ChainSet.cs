using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>
/// All chains of a configuration with the session store: built completely, used by runs under a lease, replaced whole.
/// Thread-safe.
/// </summary>
/// <param name="settings">How sessions and runs are treated.</param>
/// <param name="chains">The chains by agent, in the order of the configuration.</param>
/// <param name="store">The session store.</param>
/// <param name="storeName">The store's source id.</param>
/// <param name="started">Instances to stop and dispose, in the order in which they were started.</param>
/// <param name="clients">Chat clients to dispose.</param>
/// <param name="logger">For plugins that fail while being stopped.</param>
/// <param name="time">The clock of the store's timeout; the system's when null.</param>
internal sealed class ChainSet(
    SessionsConfiguration settings,
    IReadOnlyList<Chain> chains,
    ISessionStore store,
    string storeName,
    IReadOnlyList<PluginInstance> started,
    IReadOnlyList<IChatClient> clients,
    ILogger logger,
    TimeProvider? time = null)
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for being current, one for each lease.
    private int _leases = 1;

    public SessionsConfiguration Settings { get; } = settings;

    public IReadOnlyList<Chain> Chains { get; } = chains;

    /// <summary>All instances, the store's and chat clients' too, in the order in which they were started.</summary>
    public IReadOnlyList<PluginInstance> Plugins { get; } = started;

    /// <summary>The session store, within its timeout.</summary>
    public ISessionStore Store { get; } = new TimedSessionStore(
        store, storeName, (settings.Store ?? new PluginEntry(storeName, storeName)).Timeout, time ?? TimeProvider.System);

    public string StoreName { get; } = storeName;

    /// <summary>Sessions that are being created.</summary>
    internal SessionRooms Rooms { get; } = new();

    /// <summary>The chain of an agent; null when there is none of that name.</summary>
    public Chain? Find(string agent)
    {
        foreach (var chain in Chains)
        {
            if (chain.Agent.Name == agent) return chain;
        }

        return null;
    }

    /// <summary>Whether the store commits the appends of an instance's history with its own saves.</summary>
    public bool Covers(PluginInstance plugin) => plugin.History is { } history && Store.Covers(history);

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

    /// <summary>Gives up being current, waits for the last lease, then stops and disposes in reverse order.</summary>
    internal async Task RetireAsync(TimeSpan deadline, PluginCaller calls)
    {
        Release();
        try
        {
            await _drained.Task.WaitAsync(deadline, calls.Time);
        }
        catch (TimeoutException)
        {
            Log.DrainTimedOut(logger, deadline);
        }

        await PluginLifetime.StopAsync(Plugins, deadline, calls, Failed);
        await PluginLifetime.DisposeAsync(Plugins, deadline, calls, Failed);
        foreach (var client in clients) client.Dispose();

        void Failed(PluginInstance plugin, Exception e) => Log.StopFailed(logger, plugin.SourceId, LoggableError.Of(e));
    }
}
