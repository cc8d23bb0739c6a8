using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>Claims sessions for this host in the store that several hosts share. Thread-safe.</summary>
internal interface IClaimSource
{
    /// <returns>The host that has the session; null when it is this one.</returns>
    /// <exception cref="Errors.SessionStoreException">The store failed or took too long.</exception>
    ValueTask<HostDescription?> ClaimAsync(SessionKey session);

    /// <summary>A host that can run an agent which this one does not have, during a change of the configuration; null when there is none.</summary>
    HostDescription? FindHost(string agent);

    /// <summary>Gives sessions up. A failure is logged: the claims end with the lease.</summary>
    ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions);
}
