using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Works on sessions outside runs: with the chains leased, and alone in the session where it changes. Thread-safe.</summary>
internal sealed class SessionAccess(ChainHolder chains, SessionGate gate, ILogger logger)
{
    /// <exception cref="ProblemException">503 when a plugin or the store failed or hangs.</exception>
    public async ValueTask<T> LeasedAsync<T>(Func<ChainSet, ValueTask<T>> work)
    {
        var set = chains.Lease();
        try
        {
            return await work(set);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            // The store reports its own ones; this is one of a history.
            if (e is PluginException { InnerException: SessionMovedException moved }) set.Store.Lose(moved.Session);
            Log.SessionCallFailed(logger, (e as PluginException)?.SourceId ?? set.Store.Plugin.SourceId, LoggableError.From(e));
            throw StorageFailure.Problem(e);
        }
        finally
        {
            set.Release();
        }
    }

    public ValueTask<T> InSessionAsync<T>(SessionKey key, Func<ChainSet, ValueTask<T>> work, CancellationToken cancellationToken) =>
        LeasedAsync(set => EnterAsync(set, key, () => work(set), cancellationToken));

    /// <summary>Waits for the runs of a session; only runs are refused where busy sessions refuse.</summary>
    public async ValueTask<T> EnterAsync<T>(ChainSet set, SessionKey key, Func<ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await gate.EnterAsync(key, set.Settings with { Busy = BusyPolicy.Queue }, run: null, cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            gate.Exit(key);
        }
    }
}
