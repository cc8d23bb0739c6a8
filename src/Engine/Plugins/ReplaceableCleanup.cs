using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins;

/// <summary>The removal of what a plugin keeps of sessions and messages, by the build of the plugin that has the resource now.</summary>
internal sealed class ReplaceableCleanup(HandoverSlot slot) : ISessionCleanup, IMessageCleanup
{
    public ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken) =>
        slot.CallAsync<object, SessionKey, int>(
            session,
            static (p, k, ct) => p is ISessionCleanup data ? data.DeleteSessionDataAsync(k, ct) : ValueTask.FromResult(0),
            cancellationToken);

    public ValueTask<int> DeleteMessageDataAsync(SessionKey session, IReadOnlyList<string> messageIds, CancellationToken cancellationToken) =>
        slot.CallAsync<object, (SessionKey Session, IReadOnlyList<string> Ids), int>(
            (session, messageIds),
            static (p, q, ct) => p is IMessageCleanup data ? data.DeleteMessageDataAsync(q.Session, q.Ids, ct) : ValueTask.FromResult(0),
            cancellationToken);
}
