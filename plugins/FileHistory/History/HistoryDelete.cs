using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>Removes messages by writing the file anew without them. The caller holds the session's lock.</summary>
internal sealed class HistoryDelete(FileStore store, HistoryFiles files)
{
    public int All(SessionKey session)
    {
        var path = files.PathOf(session);
        var removed = 0;
        using (var file = Bytes.OpenToRead(path))
        {
            if (file is null) return 0;
            using var lines = new HistoryLines(path, file, Tail.Settle(path, file, store), store.Corrupt);
            while (lines.Read()) removed += lines.Head.Ids.Count;
        }

        store.HistoryIndexes.Remove(session);
        File.Delete(path);
        File.Delete(CorruptLines.CopyOf(path));
        store.Disk.FlushFolder(store.HistoryFolder);
        return removed;
    }

    public int Some(SessionKey session, IReadOnlySet<string> ids)
    {
        var path = files.PathOf(session);
        using var file = Bytes.OpenToRead(path);
        if (file is null) return 0;
        var end = Tail.Settle(path, file, store);
        var (removed, found, changes) = FindChanges(path, file, end, ids);
        if (!found) return 0;

        store.HistoryIndexes.Remove(session);
        store.Disk.Replace(path, rewritten => Copy(session, file, end, changes, ids, rewritten));
        if (File.Exists(CorruptLines.CopyOf(path))) store.Disk.Replace(CorruptLines.CopyOf(path), copy => CopyCorrupt(CorruptLines.CopyOf(path), ids, copy));
        store.Disk.FlushFolder(store.HistoryFolder);
        return removed;
    }

    /// <summary>
    /// The lines to write anew, by offset: those with the messages, and all that were replaced, because an attempt may repeat
    /// under another id what is to be deleted.
    /// </summary>
    private (int Removed, bool Found, Dictionary<long, bool> Changes) FindChanges(string path, SafeFileHandle file, long end, IReadOnlySet<string> ids)
    {
        var (removed, found) = (0, false);
        Dictionary<long, bool> changes = [];
        using var lines = new HistoryLines(path, file, end, store.Corrupt);
        while (lines.ReadAny())
        {
            var count = lines.Head.Ids.Count(ids.Contains);
            if (count == 0 && !lines.IsReplaced) continue;
            changes[lines.Offset] = lines.IsReplaced;
            found |= count > 0;
            if (!lines.IsReplaced) removed += count;
        }

        return (removed, found, changes);
    }

    /// <summary>A line that loses all its messages stays as a line, so that its append is still known when it is sent again.</summary>
    private void Copy(SessionKey session, SafeFileHandle file, long end, Dictionary<long, bool> changes, IReadOnlySet<string> ids, SafeFileHandle to)
    {
        var written = 0L;
        foreach (var (offset, line) in ForwardLines.Read(file, end))
        {
            ReadOnlySpan<byte> bytes = line;
            if (changes.TryGetValue(offset, out var replaced))
                bytes = HistoryLine.Write(HistoryLine.Read(line, withMessages: true).ToAppend(session, m => !replaced && !ids.Contains(m.Id)));
            else if (CorruptMention.IsIn(line, ids))
                continue;
            store.Disk.Write(to, bytes, written);
            written += bytes.Length;
        }
    }

    private void CopyCorrupt(string path, IReadOnlySet<string> ids, SafeFileHandle to)
    {
        var written = 0L;
        using var file = Bytes.OpenToRead(path)!;
        foreach (var (_, line) in ForwardLines.Read(file, RandomAccess.GetLength(file)))
        {
            if (CorruptMention.IsIn(line, ids)) continue;
            store.Disk.Write(to, line, written);
            written += line.Length;
        }
    }
}
