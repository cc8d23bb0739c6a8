using System.Text.Json;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>Reads and writes the files of sessions. The caller holds the session's lock, except for <see cref="AddAllTo"/>.</summary>
internal sealed class SessionFiles(FileStore store)
{
    private const string Extension = ".json";

    public RunFiles Runs { get; } = new(store);

    public string GetPath(SessionKey session) => Path.Combine(store.SessionsFolder, FileName.From(session) + Extension);

    /// <summary>Adds all sessions and the keys of their runs to the index.</summary>
    public void AddAllTo(SessionIndex index)
    {
        Dictionary<(string Tenant, string Key), DateTimeOffset> keys = [];
        foreach (var path in Directory.EnumerateFiles(store.SessionsFolder))
        {
            if (path.EndsWith(RunFiles.Extension, StringComparison.Ordinal)) RemoveOrphan(path);
            else if (path.EndsWith(Extension, StringComparison.Ordinal)) AddTo(index, path, keys);
        }
    }

    public SessionRecord? Read(SessionKey session)
    {
        using var file = FileBytes.OpenToRead(GetPath(session));
        return file is null ? null : Parse(GetPath(session), FileBytes.Read(file, 0, (int)RandomAccess.GetLength(file))).Record;
    }

    /// <summary>
    /// Appends the run, then replaces the session's file, which holds the committed length of the runs file. The replacement
    /// commits both.
    /// </summary>
    public void Save(SessionSave save)
    {
        var session = save.Session.Key;
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
                saved = new RunEntry(run.Id, run.IdempotencyKey, run.CreatedAt, offset, line.Length - 1, RunSearch.IsTrouble(run), offset);
            }

            var bytes = RecordJson.Write(save.Session, length);
            store.FileWriter.Replace(GetPath(session), file => store.FileWriter.Write(file, bytes, 0));
        }
        catch
        {
            if (save.Run is not null) Runs.UndoAppend(session, committed);
            throw;
        }

        var entry = SessionEntry.From(save.Session, length);
        store.Sessions.Put(entry);
        if (saved is not null) store.Sessions.PutRun(session, saved, hasKey: true);
        if (save.RemovedRun is not null && Runs.Remove(entry, save.RemovedRun) is { } removed) store.Sessions.RemoveRun(session, removed);
        store.FileWriter.FlushFolder(store.SessionsFolder);
    }

    /// <summary>
    /// Deletes the session's file before its runs file: after a crash between the two, the next start deletes the orphaned runs file.
    /// </summary>
    public int Delete(SessionKey session)
    {
        var entry = store.Sessions.Find(session);
        if (entry is null && !File.Exists(GetPath(session))) return 0;
        List<RunEntry> runs = entry is null ? [] : Runs.Find(entry, static _ => true, single: false);
        File.Delete(CorruptLines.GetCopyPath(Runs.GetPath(session)));
        File.Delete(GetPath(session));
        store.Sessions.Remove(session, runs);
        File.Delete(Runs.GetPath(session));
        store.FileWriter.FlushFolder(store.SessionsFolder);
        return 1 + runs.Count;
    }

    private void AddTo(SessionIndex index, string path, Dictionary<(string Tenant, string Key), DateTimeOffset> keys)
    {
        try
        {
            var (record, runsLength) = Parse(path, File.ReadAllBytes(path));
            var entry = SessionEntry.From(record, runsLength);
            index.Put(entry);
            foreach (var run in Runs.Find(entry, static _ => true, single: false))
                index.PutRun(record.Key, run, TryClaimKey(run, record.Key.Tenant, keys));
        }
        catch (InvalidDataException e)
        {
            store.CorruptLines.ReportFile(path, e);
        }
    }

    /// <summary>Gives an idempotency key to the newest of the runs that used it.</summary>
    private static bool TryClaimKey(RunEntry run, string tenant, Dictionary<(string Tenant, string Key), DateTimeOffset> keys)
    {
        if (run.IdempotencyKey is not { } key || (keys.TryGetValue((tenant, key), out var newest) && newest > run.CreatedAt)) return false;
        keys[(tenant, key)] = run.CreatedAt;
        return true;
    }

    private void RemoveOrphan(string path)
    {
        if (File.Exists(string.Concat(path.AsSpan(0, path.Length - RunFiles.Extension.Length), Extension))) return;
        File.Delete(path);
        Log.LeftoverRemoved(store.Logger, path);
    }

    /// <summary>Finds a session whose corrupt file kept it out of the index, so that a save does not overwrite it.</summary>
    private SessionEntry? FindUnlisted(SessionKey session)
    {
        if (!File.Exists(GetPath(session))) return null;
        var (record, runsLength) = Parse(GetPath(session), File.ReadAllBytes(GetPath(session)));
        return SessionEntry.From(record, runsLength);
    }

    private static (SessionRecord Record, long RunsLength) Parse(string path, byte[] bytes)
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
