using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins;

/// <summary>The explanations of a session store whose calls go to the build of the plugin that has the resource now.</summary>
internal sealed class ReplaceableExplanations(HandoverSlot slot) : IRunExplanations
{
    public ValueTask<bool> WriteExplanationAsync(ExplanationWrite write, CancellationToken cancellationToken) =>
        slot.CallAsync<IRunExplanations, ExplanationWrite, bool>(write, static (s, w, ct) => s.WriteExplanationAsync(w, ct), cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> ReadExplanationAsync(SessionKey session, string runId, CancellationToken cancellationToken) =>
        slot.CallAsync<IRunExplanations, (SessionKey Session, string Run), ReadOnlyMemory<byte>?>(
            (session, runId), static (s, q, ct) => s.ReadExplanationAsync(q.Session, q.Run, ct), cancellationToken);

    public ValueTask<int> DeleteExplanationsAsync(SessionKey session, CancellationToken cancellationToken) =>
        slot.CallAsync<IRunExplanations, SessionKey, int>(session, static (s, k, ct) => s.DeleteExplanationsAsync(k, ct), cancellationToken);
}
