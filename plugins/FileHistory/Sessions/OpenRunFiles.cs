using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>
/// One file for each run in progress, with one line for each write to its journal. The file is removed when the run ends. The caller holds
/// the session's lock.
/// </summary>
internal sealed class OpenRunFiles(FileStore store)
{
    public const string Extension = ".open.jsonl";

    private OpenRunIndex Index => store.Sessions.OpenRuns;

    public static string GetPath(FileStore store, SessionKey session, string runId) => Path.Combine(
        store.SessionsFolder, $"{FileName.From(session)}.{FileName.Digest(session.Tenant, session.Id, runId).ToString("x32", null)}{Extension}");

    /// <summary>The name of the session's files, from the path of a run in progress.</summary>
    public static string GetSessionName(string path)
    {
        var name = Path.GetFileName(path);
        return name[..name.IndexOf('.', StringComparison.Ordinal)];
    }

    /// <summary>Appends a line and flushes it.</summary>
    /// <returns>The run with the line, for the index.</returns>
    public OpenRun Append(JournalWrite write)
    {
        var known = Index.Find(write.Session, write.RunId);
        if (known is null && write.Run is null)
            throw new StorageException($"The run '{write.RunId}' is not in progress: it has ended, or its session was deleted. Start a new run.");
        if (write.Steps.Count > 0 && write.FirstStep > (known?.Steps ?? 0))
            throw new StorageException($"The journal of run '{write.RunId}' has no step {write.FirstStep - 1}.");
        var line = JournalLine.Write(write);
        var start = known?.FileLength ?? 0;
        var path = GetPath(store, write.Session, write.RunId);
        try
        {
            using var stream = PrivateFiles.Open(path, known is null ? FileMode.Create : FileMode.Open);
            // Bytes after the last line are of a write that failed.
            if (stream.Length > start) stream.SetLength(start);
            store.FileWriter.Write(stream.SafeFileHandle, line.Span, start);
            store.FileWriter.Flush(stream.SafeFileHandle);
        }
        catch
        {
            UndoAppend(write);
            throw;
        }

        return OpenRunReader.Add(known, write.Session, line.Span[..^1], start)!;
    }

    /// <summary>Removes the line of a write that failed.</summary>
    public void UndoAppend(JournalWrite write)
    {
        var path = GetPath(store, write.Session, write.RunId);
        if (Index.Find(write.Session, write.RunId) is not { } known)
        {
            DurableFileWriter.TryDelete(path);
            return;
        }

        try
        {
            using var file = PrivateFiles.Open(path, FileMode.Open);
            file.SetLength(known.FileLength);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Report the error of the write. The next write overwrites the remaining bytes.
        }
    }

    /// <summary>Removes a run that has ended, with its steps.</summary>
    public void Remove(SessionKey session, string runId)
    {
        if (Index.Find(session, runId) is null) return;
        Index.Remove(session, runId);
        RemoveFile(session, GetPath(store, session, runId));
    }

    /// <summary>Erases the journal of a run, also one that could not be removed when the run ended. A failure is an error.</summary>
    public void Erase(SessionKey session, string runId)
    {
        var path = GetPath(store, session, runId);
        File.Delete(CorruptLines.GetCopyPath(path));
        File.Delete(path);
        Index.Remove(session, runId);
    }

    /// <summary>Removes the file of a run that has ended. The end is committed, so a failure is logged, and the next start tries again.</summary>
    public void RemoveFile(SessionKey session, string path)
    {
        try
        {
            File.Delete(CorruptLines.GetCopyPath(path));
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Index.AddLeftover(session, path);
            Log.LeftoverKept(store.Logger, path, e.Message);
        }
    }

    /// <summary>Removes the files of a session that is not in the index, because its own file is corrupt.</summary>
    public void RemoveUnlisted(SessionKey session)
    {
        // The name has no wildcards; the last one also finds copies of corrupt lines.
        foreach (var path in Directory.EnumerateFiles(store.SessionsFolder, $"{FileName.From(session)}.*{Extension}*")) File.Delete(path);
    }

    /// <summary>Removes all files of a session.</summary>
    /// <returns>The number of runs in progress.</returns>
    public int RemoveAll(SessionKey session)
    {
        var runs = Index.List(session);
        foreach (var path in Index.TakeLeftovers(session).Concat(runs.Select(r => GetPath(store, session, r.Record.Id))))
        {
            File.Delete(CorruptLines.GetCopyPath(path));
            File.Delete(path);
        }

        foreach (var run in runs) Index.Remove(session, run.Record.Id);
        return runs.Count;
    }
}
