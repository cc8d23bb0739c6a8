using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>The hosts that share the store.</summary>
internal sealed partial class SessionStoreClient
{
    /// <summary>Whether several hosts may use the store at once.</summary>
    public bool IsShared => _store is ISharedSessionStore;

    /// <summary>A history has refused a write, because another host has the session.</summary>
    public void Lose(SessionKey session) => _claims?.Lose(session, _claims.ClaimOf(session));

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<IReadOnlyList<HostLease>> RenewAsync(HostDescription self) =>
        CallAsync(HostOperation.LeaseRenew, self, static (store, h, ct) => ((ISharedSessionStore)store).RenewAsync(h, ct), CancellationToken.None);

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public async ValueTask LeaveAsync(string hostId) => await CallAsync(
        HostOperation.LeaseRenew,
        hostId,
        static async (store, id, ct) =>
        {
            await ((ISharedSessionStore)store).LeaveAsync(id, ct);
            return true;
        },
        CancellationToken.None);

    /// <returns>The host that has the session; null when it is this one.</returns>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public async ValueTask<HostLease?> ClaimAsync(SessionKey session, string hostId)
    {
        try
        {
            return await TryClaimAsync(session, hostId);
        }
        catch (SessionStoreException e) when (e.InnerException is SessionMovedException)
        {
            // Another host has had it meanwhile. What began before has been stopped.
            return await TryClaimAsync(session, hostId);
        }
    }

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public async ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions, string hostId) => await CallAsync(
        HostOperation.SessionClaim,
        (sessions, hostId),
        static async (store, r, ct) =>
        {
            await ((ISharedSessionStore)store).ReleaseAsync(r.sessions, r.hostId, ct);
            return true;
        },
        CancellationToken.None);

    /// <exception cref="SessionStoreException">Another host has had the session since the run began.</exception>
    private void ThrowIfMoved(RunHandle? run)
    {
        if (run is { HasLostSession: true }) throw SessionStoreException.Failed(Plugin.SourceId, new SessionMovedException(run.Record.Session));
    }

    private ValueTask<HostLease?> TryClaimAsync(SessionKey session, string hostId) => CallAsync(
        HostOperation.SessionClaim, (session, hostId), static (store, c, ct) => ((ISharedSessionStore)store).ClaimAsync(c.session, c.hostId, ct), CancellationToken.None);
}
