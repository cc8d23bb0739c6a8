namespace PluginHost.Sdk;

/// <summary>
/// Keeps explanations of runs: what each model was given, and by which plugin. A session store implements it beside
/// <see cref="ISessionStore"/>; with a store that does not, explanations are in memory only.
/// </summary>
/// <remarks>
/// An explanation belongs to a run, open or ended. <see cref="ISessionStore.DeleteAsync"/> removes those of the session, and
/// <see cref="SessionSave.RemovedRun"/> that of the run, in the same commit and so that no byte of their content remains. They are in no list, no
/// record and no version of a session. Methods are called concurrently, but never twice at once for the same run.
/// </remarks>
public interface IRunExplanations
{
    /// <summary>
    /// Writes the explanation of a run, or replaces it, and removes the oldest of the tenant, by their last write, until all of them together have
    /// at most <see cref="ExplanationWrite.MaxTenantBytes"/>: all or nothing, durably.
    /// </summary>
    /// <param name="write">What to write.</param>
    /// <param name="cancellationToken">Cancels the call before anything has been written.</param>
    /// <returns>Whether it was written: not when the session has no such run, because what was deleted meanwhile does not come back, and not when the document alone has more bytes than allowed.</returns>
    ValueTask<bool> WriteExplanationAsync(ExplanationWrite write, CancellationToken cancellationToken);

    /// <summary>Reads the explanation of a run.</summary>
    /// <param name="session">The session.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The document as it was written; null when the store has none.</returns>
    ValueTask<ReadOnlyMemory<byte>?> ReadExplanationAsync(SessionKey session, string runId, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the explanations of a session and leaves its runs, so that no byte of the explanations remains in the store. The host calls it when
    /// messages of the session are deleted, because the models of later runs were given them.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The number of removed explanations.</returns>
    ValueTask<int> DeleteExplanationsAsync(SessionKey session, CancellationToken cancellationToken);
}
