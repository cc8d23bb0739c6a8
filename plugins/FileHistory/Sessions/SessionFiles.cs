using System.Text.Json;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>Reads and writes the files of sessions. The caller holds the session's lock.</summary>
internal sealed class SessionFiles(FileStore store)
{
    public const string Extension = ".json";

    public RunFiles Runs { get; } = new(store);

    public OpenRunFiles OpenRuns { get; } = new(store);

    public OpenRunReader OpenRunReader { get; } = new(store);

    public string GetPath(SessionKey session) => Path.Combine(store.SessionsFolder, FileName.From(session) + Extension);

    public SessionRecord? Read(SessionKey session)
    {
        using var file = FileBytes.OpenToRead(GetPath(session));
        return file is null ? null : Parse(GetPath(session), FileBytes.Read(file, 0, (int)RandomAccess.GetLength(file))).Record;
    }

    /// <summary>The same for a session in use, whose record is kept in memory.</summary>
    public SessionRecord? ReadAndKeep(SessionKey session)
    {
        var (path, generation) = (GetPath(session), store.Records.Generation);
        using var file = FileBytes.OpenToRead(path);
        if (file is null) return null;
        var bytes = FileBytes.Read(file, 0, (int)RandomAccess.GetLength(file));
        var record = Parse(path, bytes).Record;
        store.Records.Put(session, new CachedRecord(bytes, record), generation);
        return record;
    }

    /// <summary>
    /// Appends the run, then replaces the session's file, which holds the committed length of the runs file. The replacement
    /// commits both.
    /// </summary>
    public void Save(SessionSave save)
    {
        var session = save.Session.Key;
        var generation = store.Records.Generation;
        // Until the new one is committed, it is not known which one a failure leaves.
        store.Records.Remove(session);
        var stored = store.Sessions.Find(session) ?? FindUnlisted(session);
        if ((stored?.Version ?? 0) != save.ExpectedVersion) throw new SessionConflictException(session, save.ExpectedVersion, stored?.Version ?? 0);

        var committed = stored?.RunsLength ?? 0;
        var length = committed;
        RunEntry? saved = null;
        try
        {
            if (save.Run is { } run)
            {
                var line = RecordJson.Write(run);
                length = Runs.Append(session, line, committed);
                var offset = length - line.Length;
                saved = RunEntry.From(run, offset, line.Length - 1);
            }

            var bytes = RecordJson.Write(save.Session, length);
            store.FileWriter.Replace(GetPath(session), file => store.FileWriter.Write(file, bytes, 0));
            store.Records.Put(session, new CachedRecord(bytes), generation);
        }
        catch
        {
            if (save.Run is not null) Runs.UndoAppend(session, committed);
            throw;
        }

        var entry = SessionEntry.From(save.Session, length);
        store.Sessions.Put(entry);
        if (saved is not null) store.Sessions.PutRun(session, saved, hasKey: true);
        // After a crash in front of this line the next start finds the saved record, and removes the run from the journal.
        if (save is { EndsRun: true, Run: { } ended }) OpenRuns.Remove(session, ended.Id);
        if (save.RemovedRun is { } erased)
        {
            store.Explanations.Remove(session, erased);
            OpenRuns.Erase(session, erased);
            if (Runs.Remove(entry, erased) is { } removed) store.Sessions.RemoveRun(session, removed);
        }

        store.FlushSessionsFolder();
    }

    /// <summary>
    /// Writes to the journal of a run. With a new session the run comes first: after a crash between the two, the next start removes it.
    /// </summary>
    public void Write(JournalWrite write)
    {
        var stored = store.Sessions.Find(write.Session) ?? FindUnlisted(write.Session);
        if (write.NewSession is not null && stored is not null) throw new SessionConflictException(write.Session, 0, stored.Version);
        if (write.NewSession is null && stored is null)
            throw new StorageException($"The session '{write.Session.Id}' of run '{write.RunId}' does not exist: it was deleted. Start a new run.");
        var isFirst = store.Sessions.OpenRuns.Find(write.Session, write.RunId) is null;
        var run = OpenRuns.Append(write);
        try
        {
            if (write.NewSession is { } record)
            {
                var bytes = RecordJson.Write(record, runsLength: 0);
                store.FileWriter.Replace(GetPath(write.Session), file => store.FileWriter.Write(file, bytes, 0));
            }

            if (isFirst) store.FlushSessionsFolder();
        }
        catch
        {
            if (write.NewSession is not null) DurableFileWriter.TryDelete(GetPath(write.Session));
            OpenRuns.UndoAppend(write);
            throw;
        }

        if (write.NewSession is not null) store.Sessions.Put(SessionEntry.From(write.NewSession, runsLength: 0));
        store.Sessions.OpenRuns.Put(run);
    }

    /// <summary>Whether a session has a run, open or ended.</summary>
    public bool Has(SessionKey session, string runId) =>
        store.Sessions.Find(session) is { } entry
        && (store.Sessions.OpenRuns.Find(session, runId) is not null || Runs.Find(entry, r => r.Id == runId, single: true).Count > 0);

    /// <summary>
    /// Deletes the session's file before those of its runs: after a crash between them, the next start deletes the orphaned files.
    /// </summary>
    public int Delete(SessionKey session)
    {
        store.Records.Remove(session);
        var entry = store.Sessions.Find(session);
        if (entry is null && !File.Exists(GetPath(session))) return 0;
        List<RunEntry> runs = entry is null ? [] : Runs.Find(entry, static _ => true, single: false);
        File.Delete(CorruptLines.GetCopyPath(Runs.GetPath(session)));
        File.Delete(GetPath(session));
        store.Sessions.Remove(session, runs);
        File.Delete(Runs.GetPath(session));
        var open = OpenRuns.RemoveAll(session);
        store.Explanations.RemoveAll(session);
        if (entry is null)
        {
            OpenRuns.RemoveUnlisted(session);
            store.Explanations.RemoveUnlisted(session);
        }

        store.FileWriter.FlushFolder(store.SessionsFolder);
        return 1 + runs.Count + open;
    }

    /// <summary>Finds a session whose corrupt file kept it out of the index, so that a save does not overwrite it.</summary>
    private SessionEntry? FindUnlisted(SessionKey session)
    {
        if (!File.Exists(GetPath(session))) return null;
        var (record, runsLength) = Parse(GetPath(session), File.ReadAllBytes(GetPath(session)));
        return SessionEntry.From(record, runsLength);
    }

    public static (SessionRecord Record, long RunsLength) Parse(string path, byte[] bytes)
    {
        try
        {
            return RecordJson.ReadSession(bytes);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new InvalidDataException($"'{path}' is corrupt ({e.Message}). Repair the file or delete the session.", e);
        }
    }
}
