namespace PluginHost.Sdk;

/// <summary>
/// Optional: a plugin that keeps data of sessions outside session state and history (an index, a cache, files). The deletion of
/// a session then includes that data. History providers and session stores have a delete method and do not need this interface.
/// </summary>
public interface ISessionCleanup
{
    /// <summary>
    /// Removes all data that the plugin keeps of a session. Called after the session's last run has ended. Idempotent: an unknown
    /// session is not an error. The host reports an exception to the caller, who may retry.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancelled at the entry's timeout.</param>
    /// <returns>The number of removed items.</returns>
    ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken);
}
