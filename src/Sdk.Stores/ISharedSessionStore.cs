namespace PluginHost.Sdk;

/// <summary>
/// Optional, for session stores that several hosts use at once. Each session belongs to one host at a time, which alone works on it. Other
/// hosts pass requests for it on to that host.
/// </summary>
/// <remarks>
/// A host that serves renews its lease every <see cref="HostLease.RenewalInterval"/>, and claims a session before it works on it. The store
/// decides by one clock, its own, when a lease is over. From the first <see cref="ClaimAsync"/> on, the store accepts a write of a session, of
/// its journal, and of its messages in histories that the store <see cref="ISessionStore.Covers"/>, only while the claim is this host's: it checks
/// that in the statement that writes, and throws <see cref="SessionMovedException"/> otherwise. So a host that was suspended writes nothing when
/// it comes back. Claims of a host whose lease is over are free. Idle sessions cost no calls. Methods are called concurrently.
/// </remarks>
public interface ISharedSessionStore : ISessionStore
{
    /// <summary>Creates or renews the lease of this host, for <see cref="HostLease.Duration"/> from now.</summary>
    /// <param name="self">This host.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>All hosts, with this one; those whose lease is over for at least an hour may be missing.</returns>
    ValueTask<IReadOnlyList<HostLease>> RenewAsync(HostDescription self, CancellationToken cancellationToken);

    /// <summary>Ends the lease of this host and frees all sessions that it has. It claims none afterwards.</summary>
    /// <param name="hostId">This host.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask LeaveAsync(string hostId, CancellationToken cancellationToken);

    /// <summary>
    /// Claims a session, which need not exist. A session that this host has, that no host has, or whose host has no lease any more, is this
    /// host's afterwards.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="hostId">This host, which has a lease.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Null when the session is this host's now; else the host that has it.</returns>
    /// <exception cref="StorageException">This host has no lease.</exception>
    /// <exception cref="SessionMovedException">
    /// Another host has had the session since this one claimed it, and this one has neither released it nor learned of that by a refused write: what it
    /// began before must not write any more. Thrown once; the next claim passes.
    /// </exception>
    ValueTask<HostLease?> ClaimAsync(SessionKey session, string hostId, CancellationToken cancellationToken);

    /// <summary>Frees sessions of this host. Those that it does not have are left as they are.</summary>
    /// <param name="sessions">The sessions.</param>
    /// <param name="hostId">This host.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions, string hostId, CancellationToken cancellationToken);
}
