namespace PluginHost.Files;

/// <content>Explanations of runs: one file each.</content>
public sealed partial class FileSessions : IRunExplanations
{
    /// <inheritdoc/>
    public async ValueTask<bool> WriteExplanationAsync(ExplanationWrite write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (write.Document.Length > write.MaxTenantBytes) return false;
        using var held = await _store.SessionLocks.AcquireAsync(write.Session, cancellationToken);
        return await _store.RunAsync("write the explanation of run", write.RunId, () =>
        {
            OpenIndex();
            if (!_files.Has(write.Session, write.RunId)) return false;
            _store.Explanations.Write(write);
            return true;
        });
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadExplanationAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        using var held = await _store.SessionLocks.AcquireAsync(session, cancellationToken);
        var document = await _store.RunAsync("read the explanation of run", runId, () => _store.Explanations.Read(session, runId));
        return document is null ? null : (ReadOnlyMemory<byte>?)document;
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteExplanationsAsync(SessionKey session, CancellationToken cancellationToken)
    {
        using var held = await _store.SessionLocks.AcquireAsync(session, cancellationToken);
        return await _store.RunAsync("delete the explanations of session", session.Id, () =>
        {
            OpenIndex();
            var removed = _store.Explanations.RemoveAll(session);
            if (removed > 0) _store.FileWriter.FlushFolder(_store.SessionsFolder);
            return removed;
        });
    }
}
