namespace PluginHost.Sdk;

/// <summary>
/// Optional: a plugin that keeps what it derived from single messages (a summary, an index). The deletion of messages then reaches it. A plugin
/// that implements it usually implements <see cref="ISessionCleanup"/> too.
/// </summary>
public interface IMessageCleanup
{
    /// <summary>
    /// Removes what the plugin derived from messages of a session. Called before histories remove them, while no run is on the session.
    /// Idempotent: unknown messages are not an error. The host reports an exception to the caller, who may retry.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="messageIds">The ids of the messages, as in <see cref="ContextMessage.Id"/>.</param>
    /// <param name="cancellationToken">Cancelled at the entry's timeout.</param>
    /// <returns>The number of removed items.</returns>
    ValueTask<int> DeleteMessageDataAsync(SessionKey session, IReadOnlyList<string> messageIds, CancellationToken cancellationToken);
}
