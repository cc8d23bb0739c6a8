namespace PluginHost.Sdk;

/// <summary>
/// Optional: a plugin that keeps data of sessions outside of session state and history (an index, a cache, files), so that
/// deleting a session reaches it. History providers and session stores have their own delete and need not implement this.
/// </summary>
public interface ISessionData
{
    /// <summary>
    /// Removes all that the plugin keeps of a session. Called outside runs, after the session's last run has ended; a session
    /// that is not known is not an error, and calling again is harmless. What it throws is reported to the caller, who may
    /// repeat the deletion.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancelled at the entry's timeout.</param>
    /// <returns>How many items were removed.</returns>
    ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken);
}
