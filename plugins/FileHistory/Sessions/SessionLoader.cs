using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>Fills the index from the files when the store opens, and removes what a crash left.</summary>
internal sealed class SessionLoader(FileStore store, SessionFiles files)
{
    /// <summary>Adds all sessions, the keys of their runs, and the runs in progress to the index.</summary>
    public void AddAllTo(SessionIndex index)
    {
        Dictionary<(string Tenant, string Key), DateTimeOffset> keys = [];
        var open = Directory.EnumerateFiles(store.SessionsFolder, "*" + OpenRunFiles.Extension).ToLookup(OpenRunFiles.GetSessionName);
        var explained = Directory.EnumerateFiles(store.SessionsFolder, "*" + ExplanationFiles.Extension).ToLookup(OpenRunFiles.GetSessionName);
        foreach (var path in Directory.EnumerateFiles(store.SessionsFolder))
        {
            if (path.EndsWith(RunFiles.Extension, StringComparison.Ordinal)) RemoveOrphan(path, path.Length - RunFiles.Extension.Length);
            else if (path.EndsWith(SessionFiles.Extension, StringComparison.Ordinal)) AddTo(index, path, keys, open);
        }

        store.Explanations.Clear();
        store.Explanations.Load(index.List(null, null).SelectMany(s => explained[FileName.From(s.Key)].Select(path => (s.Key, path))));
        foreach (var path in open.Concat(explained).SelectMany(static o => o)) RemoveOrphan(path, path.IndexOf('.', path.LastIndexOf(Path.DirectorySeparatorChar)));
    }

    private void AddTo(SessionIndex index, string path, Dictionary<(string Tenant, string Key), DateTimeOffset> keys, ILookup<string, string> open)
    {
        try
        {
            var (record, runsLength) = SessionFiles.Parse(path, File.ReadAllBytes(path));
            var entry = SessionEntry.From(record, runsLength);
            index.Put(entry);
            var runs = files.Runs.Find(entry, static _ => true, single: false);
            foreach (var run in runs) index.PutRun(record.Key, run, TryClaimKey(run, record.Key.Tenant, keys));
            foreach (var openPath in open[Path.GetFileNameWithoutExtension(path)]) AddOpenTo(index, record.Key, openPath, runs, keys);
        }
        catch (InvalidDataException e)
        {
            store.CorruptLines.ReportFile(path, e);
        }
    }

    /// <summary>Adds a run in progress. One whose attempt was saved has ended: the host stopped before it removed the file.</summary>
    private void AddOpenTo(
        SessionIndex index, SessionKey session, string path, List<RunEntry> saved, Dictionary<(string Tenant, string Key), DateTimeOffset> keys)
    {
        var run = files.OpenRunReader.Load(session, path);
        if (run is not null && !saved.Exists(r => r.Id == run.Record.Id && r.Attempt >= run.Record.Attempt))
            index.OpenRuns.Put(TryClaimKey(run.Record, session.Tenant, keys) ? run : run with { Record = run.Record with { IdempotencyKey = null } });
        else if (run is not null || new FileInfo(path).Length == 0) files.OpenRuns.RemoveFile(session, path);
        else index.OpenRuns.AddLeftover(session, path);
    }

    /// <summary>Gives an idempotency key to the newest of the runs that used it.</summary>
    private static bool TryClaimKey(RunEntry run, string tenant, Dictionary<(string Tenant, string Key), DateTimeOffset> keys)
    {
        if (run.IdempotencyKey is not { } key || (keys.TryGetValue((tenant, key), out var newest) && newest > run.CreatedAt)) return false;
        keys[(tenant, key)] = run.CreatedAt;
        return true;
    }

    private void RemoveOrphan(string path, int nameEnd)
    {
        if (File.Exists(string.Concat(path.AsSpan(0, nameEnd), SessionFiles.Extension))) return;
        // The copy first: it is found by the path of its file.
        File.Delete(CorruptLines.GetCopyPath(path));
        File.Delete(path);
        Log.LeftoverRemoved(store.Logger, path);
    }
}
