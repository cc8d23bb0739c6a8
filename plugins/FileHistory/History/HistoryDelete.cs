using System.Text.Json;
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
        // The copies go first: a delete that fails between the two still finds the file when it is tried again.
        File.Delete(CorruptLines.CopyOf(path));
        File.Delete(path);
        store.Disk.FlushFolder(store.HistoryFolder);
        return removed;
    }

    public int Some(SessionKey session, IReadOnlySet<string> ids)
    {
        var path = files.PathOf(session);
        var (removed, changes) = FindChanges(path, ids);
        if (changes.Count == 0) return 0;

        store.HistoryIndexes.Remove(session);
        var corrupt = CorruptLines.CopyOf(path);
        if (File.Exists(corrupt)) store.Disk.Replace(corrupt, to => Copy(corrupt, to, (_, line) => CorruptMention.IsIn(line, ids) ? [] : line));
        store.Disk.Replace(path, to => Copy(path, to, (offset, line) => Rewrite(session, offset, line, changes, ids)));
        store.Disk.FlushFolder(store.HistoryFolder);
        return removed;
    }

    /// <summary>
    /// The lines to write anew, by offset: those with the messages, and all that were replaced, because an attempt may repeat
    /// under another id what is to be deleted.
    /// </summary>
    private (int Removed, Dictionary<long, bool> Changes) FindChanges(string path, IReadOnlySet<string> ids)
    {
        var (removed, found) = (0, false);
        Dictionary<long, bool> changes = [];
        using var file = Bytes.OpenToRead(path);
        if (file is null) return (0, changes);
        using var lines = new HistoryLines(path, file, Tail.Settle(path, file, store), store.Corrupt);
        while (lines.ReadAny())
        {
            var count = lines.Head.Ids.Count(ids.Contains);
            if (count == 0 && !lines.IsReplaced) continue;
            changes[lines.Offset] = lines.IsReplaced;
            found |= count > 0;
            if (!lines.IsReplaced) removed += count;
        }

        return (removed, found ? changes : []);
    }

    /// <summary>
    /// A line that loses all its messages stays as a line, so that its append is still known when it is sent again. One that
    /// cannot be read goes as a whole when it names a message that is to be deleted.
    /// </summary>
    private static byte[] Rewrite(SessionKey session, long offset, byte[] line, Dictionary<long, bool> changes, IReadOnlySet<string> ids)
    {
        try
        {
            var isChanged = changes.TryGetValue(offset, out var isReplaced);
            var read = HistoryLine.Read(line, withMessages: isChanged);
            return isChanged ? HistoryLineWriter.Write(read.ToAppend(session, m => !isReplaced && !ids.Contains(m.Id))) : line;
        }
        catch (JsonException)
        {
            // Reported when it was read; here it only matters what it names.
            return CorruptMention.IsIn(line, ids) ? [] : line;
        }
    }

    private void Copy(string path, SafeFileHandle to, Func<long, byte[], byte[]> rewrite)
    {
        var written = 0L;
        using var file = Bytes.OpenToRead(path) ?? throw new FileNotFoundException($"'{path}' is gone.", path);
        foreach (var (offset, line) in ForwardLines.Read(file, RandomAccess.GetLength(file)))
        {
            var bytes = rewrite(offset, line);
            store.Disk.Write(to, bytes, written);
            written += bytes.Length;
        }
    }
}
