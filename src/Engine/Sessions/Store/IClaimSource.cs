using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>Claims sessions for this host in the store that several hosts share. Thread-safe.</summary>
internal interface IClaimSource
{
    /// <returns>The host that has the session; null when it is this one.</returns>
    /// <exception cref="Errors.SessionStoreException">The store failed or took too long.</exception>
    ValueTask<HostDescription?> ClaimAsync(SessionKey session);

    /// <summary>Gives sessions up. A failure is logged: the claims end with the lease.</summary>
    ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions);
}
