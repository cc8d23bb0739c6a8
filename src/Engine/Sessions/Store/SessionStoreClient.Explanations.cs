using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>The explanations of runs.</summary>
internal sealed partial class SessionStoreClient
{
    /// <summary>Whether the store keeps explanations.</summary>
    public bool HasExplanations => Plugin.Explanations is not null;

    /// <returns>Whether it was written.</returns>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<bool> WriteExplanationAsync(ExplanationWrite write) => CallAsync(
        HostOperation.SessionSave, (Plugin.Explanations!, write), static (_, a, ct) => a.Item1.WriteExplanationAsync(a.write, ct), CancellationToken.None);

    /// <returns>Null when the store has none.</returns>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<ReadOnlyMemory<byte>?> ReadExplanationAsync(SessionKey session, string runId, CancellationToken cancellationToken) => CallAsync(
        HostOperation.SessionLoad, (Plugin.Explanations!, session, runId), static (_, a, ct) => a.Item1.ReadExplanationAsync(a.session, a.runId, ct), cancellationToken);

    /// <returns>How many were removed.</returns>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<int> DeleteExplanationsAsync(SessionKey session) => CallAsync(
        HostOperation.SessionDelete, (Plugin.Explanations!, session), static (_, a, ct) => a.Item1.DeleteExplanationsAsync(a.session, ct), CancellationToken.None);
}
