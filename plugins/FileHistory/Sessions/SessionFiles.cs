using System.Text.Json;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>Reads and writes the files of sessions. The caller holds the session's lock, but for <see cref="Build"/>.</summary>
internal sealed class SessionFiles(FileStore store)
{
    private const string Extension = ".json";
    private const string RunsExtension = ".runs.jsonl";

    public RunFiles Runs { get; } = new(store);

    public string PathOf(SessionKey session) => Path.Combine(store.SessionsFolder, FileName.Of(session) + Extension);

    /// <summary>Reads all sessions and the keys of their runs into the index.</summary>
    public void Build(SessionIndex index)
    {
        Dictionary<(string Tenant, string Key), DateTimeOffset> keys = [];
        foreach (var path in Directory.EnumerateFiles(store.SessionsFolder))
        {
            if (path.EndsWith(RunsExtension, StringComparison.Ordinal)) RemoveOrphan(path);
            else if (path.EndsWith(Extension, StringComparison.Ordinal)) AddTo(index, path, keys);
        }
    }

    public SessionRecord? Read(SessionKey session)
    {
        using var file = Bytes.OpenToRead(PathOf(session));
        return file is null ? null : Parse(PathOf(session), Bytes.Read(file, 0, (int)RandomAccess.GetLength(file))).Record;
    }

    /// <summary>
    /// First the run, which does not count yet, then the session's file, which says how far the runs go: putting it in its
    /// place is the moment at which both are stored.
    /// </summary>
    public void Save(SessionSave save)
    {
        var session = save.Session.Key;
        var stored = store.Sessions.Find(session) ?? FindUnlisted(session);
        if ((stored?.Version ?? 0) != save.ExpectedVersion) throw new SessionConflictException(session, save.ExpectedVersion, stored?.Version ?? 0);

        var committed = stored?.RunsLength ?? 0;
        var length = committed;
        try
        {
            if (save.Run is { } run) length = Runs.Append(session, RecordJson.Write(run), committed);
            var bytes = RecordJson.Write(save.Session, length);
            store.Disk.Replace(PathOf(session), file => store.Disk.Write(file, bytes, 0));
        }
        catch
        {
            if (save.Run is not null) Runs.TakeBack(session, committed);
            throw;
        }

        store.Sessions.Put(SessionEntry.Of(save.Session, length));
        if (save.Run is not null) store.Sessions.PutRun(session, save.Run.Id, save.Run.IdempotencyKey);
        if (save.RemovedRun is not null && Runs.Remove(SessionEntry.Of(save.Session, length), save.RemovedRun) is { } removed)
            store.Sessions.RemoveRun(session, removed);
        store.Disk.FlushFolder(store.SessionsFolder);
    }

    /// <summary>
    /// The session's own file goes before its runs: without it they count no more, and go at the next start at the latest.
    /// </summary>
    public int Delete(SessionKey session)
    {
        var entry = store.Sessions.Find(session);
        if (entry is null && !File.Exists(PathOf(session))) return 0;
        List<RunHead> runs = entry is null ? [] : Runs.Heads(entry, static _ => true, one: false);
        File.Delete(CorruptLines.CopyOf(Runs.PathOf(session)));
        File.Delete(PathOf(session));
        store.Sessions.Remove(session, runs);
        File.Delete(Runs.PathOf(session));
        store.Disk.FlushFolder(store.SessionsFolder);
        return 1 + runs.Count;
    }

    private void AddTo(SessionIndex index, string path, Dictionary<(string Tenant, string Key), DateTimeOffset> keys)
    {
        try
        {
            var (record, runsLength) = Parse(path, File.ReadAllBytes(path));
            var entry = SessionEntry.Of(record, runsLength);
            index.Put(entry);
            foreach (var run in Runs.Heads(entry, static _ => true, one: false))
                index.PutRun(record.Key, run.Id, OwnsKey(run, record.Key.Tenant, keys) ? run.IdempotencyKey : null);
        }
        catch (InvalidDataException e)
        {
            Log.CorruptSession(store.Logger, path, e.InnerException!.Message);
        }
    }

    /// <summary>Of several runs that had a key in their time, the newest has taken it.</summary>
    private static bool OwnsKey(RunHead run, string tenant, Dictionary<(string Tenant, string Key), DateTimeOffset> keys)
    {
        if (run.IdempotencyKey is not { } key || (keys.TryGetValue((tenant, key), out var newest) && newest > run.CreatedAt)) return false;
        keys[(tenant, key)] = run.CreatedAt;
        return true;
    }

    private void RemoveOrphan(string path)
    {
        if (File.Exists(string.Concat(path.AsSpan(0, path.Length - RunsExtension.Length), Extension))) return;
        File.Delete(path);
        Log.LeftoverRemoved(store.Logger, path);
    }

    /// <summary>A session whose file could not be read is in no list; it must not be taken for one that does not exist.</summary>
    private SessionEntry? FindUnlisted(SessionKey session)
    {
        if (!File.Exists(PathOf(session))) return null;
        var (record, runsLength) = Parse(PathOf(session), File.ReadAllBytes(PathOf(session)));
        return SessionEntry.Of(record, runsLength);
    }

    private static (SessionRecord Record, long RunsLength) Parse(string path, byte[] bytes)
    {
        try
        {
            return RecordJson.ReadSession(bytes);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new InvalidDataException($"'{path}' cannot be read ({e.Message}). Mend the file or delete the session.", e);
        }
    }
}
