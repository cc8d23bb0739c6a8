using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>
/// One file for the explanation of each run, beside the files of its session. The caller holds the session's lock; removing the oldest ones of a tenant
/// needs no lock of their sessions, because one lock covers all changes.
/// </summary>
internal sealed class ExplanationFiles(FileStore store)
{
    public const string Extension = ".explained";

    private readonly Lock _lock = new();
    private readonly ExplanationIndex _index = new();

    public string GetPath(SessionKey session, string runId) => Path.Combine(
        store.SessionsFolder, $"{FileName.From(session)}.{FileName.Digest(session.Tenant, session.Id, runId).ToString("x32", null)}{Extension}");

    /// <summary>Forgets what is there. Files are added again when the store opens.</summary>
    public void Clear()
    {
        lock (_lock) _index.Clear();
    }

    /// <summary>Adds the files of sessions that the store has found, those that were written first before the others.</summary>
    public void Load(IEnumerable<(SessionKey Session, string Path)> files)
    {
        lock (_lock)
        {
            foreach (var (session, file) in files.Select(f => (f.Session, new FileInfo(f.Path))).OrderBy(f => f.Item2.LastWriteTimeUtc)) _index.Put(session, file.FullName, file.Length);
        }
    }

    /// <summary>Writes an explanation, and removes the oldest of the tenant beyond its bytes.</summary>
    public void Write(ExplanationWrite write)
    {
        var path = GetPath(write.Session, write.RunId);
        lock (_lock)
        {
            store.FileWriter.Replace(path, file => store.FileWriter.Write(file, write.Document.Span, 0));
            _index.Put(write.Session, path, write.Document.Length);
            while (_index.TryFindOldest(write.Session.Tenant, write.MaxTenantBytes, out var oldest)) Remove(oldest);
            store.FileWriter.FlushFolder(store.SessionsFolder);
        }
    }

    /// <returns>The document; null when there is none.</returns>
    public byte[]? Read(SessionKey session, string runId)
    {
        using var file = FileBytes.OpenToRead(GetPath(session, runId));
        return file is null ? null : FileBytes.Read(file, 0, checked((int)RandomAccess.GetLength(file)));
    }

    /// <summary>Removes the explanation of a run. The caller flushes the folder.</summary>
    public void Remove(SessionKey session, string runId)
    {
        lock (_lock) Remove(GetPath(session, runId));
    }

    /// <summary>Removes those of a session. The caller flushes the folder.</summary>
    /// <returns>How many there were.</returns>
    public int RemoveAll(SessionKey session)
    {
        lock (_lock)
        {
            var paths = _index.List(session);
            foreach (var path in paths) Remove(path);
            return paths.Count;
        }
    }

    /// <summary>Removes those of a session that is not in the index, because its own file is corrupt.</summary>
    public void RemoveUnlisted(SessionKey session)
    {
        // The name has no wildcards.
        foreach (var path in Directory.EnumerateFiles(store.SessionsFolder, $"{FileName.From(session)}.*{Extension}")) File.Delete(path);
    }

    private void Remove(string path)
    {
        File.Delete(path);
        _index.Remove(path);
    }
}
