using PluginHost.Sdk;

namespace PluginHost.Engine.Explain.Kept;

/// <summary>Keeps explanations in the session store, beside their runs. Thread-safe.</summary>
internal interface IExplanationStore
{
    /// <returns>False when the store failed, has no such run, or the document is larger than all that the tenant may have. A failure is logged.</returns>
    ValueTask<bool> TryWriteAsync(SessionKey session, string runId, byte[] document, long maxTenantBytes);

    /// <returns>Null when there is none.</returns>
    /// <exception cref="Errors.ProblemException">The store failed.</exception>
    ValueTask<byte[]?> FindAsync(SessionKey session, string runId, CancellationToken cancellationToken);

    /// <summary>Those of a session, in the order of its runs.</summary>
    /// <exception cref="Errors.ProblemException">The store failed.</exception>
    IAsyncEnumerable<(string RunId, byte[] Document)> ListAsync(SessionKey session, CancellationToken cancellationToken);

    /// <summary>Removes those of a session.</summary>
    /// <exception cref="Errors.ProblemException">The store failed.</exception>
    ValueTask ForgetAsync(SessionKey session);
}
