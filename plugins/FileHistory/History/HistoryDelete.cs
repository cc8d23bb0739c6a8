using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>Deletes messages by rewriting the history file without them. The caller holds the session's lock.</summary>
internal sealed class HistoryDelete(FileStore store, HistoryFiles files)
{
    public int DeleteAll(SessionKey session)
    {
        var path = files.GetPath(session);
        var removed = 0;
        using (var file = FileBytes.OpenToRead(path))
        {
            if (file is null) return 0;
            using var lines = new HistoryLines(path, file, TornLineRepair.FindEnd(path, file, store), store.CorruptLines);
            while (lines.Read()) removed += lines.Current.Ids.Count;
        }

        store.HistoryIndexes.Remove(session);
        // Delete the copies first: a retry after a failure between the two deletes still finds the file.
        File.Delete(CorruptLines.GetCopyPath(path));
        File.Delete(path);
        store.FileWriter.FlushFolder(store.HistoryFolder);
        return removed;
    }

    public int DeleteMessages(SessionKey session, IReadOnlySet<string> ids)
    {
        var path = files.GetPath(session);
        var (removed, changes) = FindChanges(path, ids);
        if (changes.Count == 0) return 0;

        store.HistoryIndexes.Remove(session);
        var corrupt = CorruptLines.GetCopyPath(path);
        if (File.Exists(corrupt)) store.FileWriter.Replace(corrupt, to => Copy(corrupt, to, (_, line) => Mentions(line, ids) ? [] : line));
        store.FileWriter.Replace(path, to => Copy(path, to, (offset, line) => Rewrite(session, offset, line, changes, ids)));
        store.FileWriter.FlushFolder(store.HistoryFolder);
        return removed;
    }

    /// <summary>
    /// Finds the lines to rewrite, by offset: lines with the messages, and lines of replaced attempts, which may hold the same
    /// content under other ids.
    /// </summary>
    private (int Removed, Dictionary<long, bool> Changes) FindChanges(string path, IReadOnlySet<string> ids)
    {
        var (removed, found) = (0, false);
        Dictionary<long, bool> changes = [];
        using var file = FileBytes.OpenToRead(path);
        if (file is null) return (0, changes);
        using var lines = new HistoryLines(path, file, TornLineRepair.FindEnd(path, file, store), store.CorruptLines);
        while (lines.ReadIncludingReplaced())
        {
            var count = lines.Current.Ids.Count(ids.Contains);
            if (count == 0 && !lines.IsReplaced) continue;
            changes[lines.Offset] = lines.IsReplaced;
            found |= count > 0;
            if (!lines.IsReplaced) removed += count;
        }

        return (removed, found ? changes : []);
    }

    /// <summary>
    /// Rewrites one line. A line without messages stays, so that a repeated append is recognised. A corrupt line is removed when
    /// it mentions a deleted message.
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
            // The scan has already reported this line.
            return Mentions(line, ids) ? [] : line;
        }
    }

    /// <summary>Whether a corrupt line contains one of the ids, plain or JSON-encoded.</summary>
    private static bool Mentions(ReadOnlySpan<byte> line, IReadOnlySet<string> ids)
    {
        foreach (var id in ids)
        {
            if (line.IndexOf(Encoding.UTF8.GetBytes(id)) >= 0) return true;
            if (line.IndexOf(JsonEncodedText.Encode(id, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes) >= 0) return true;
        }

        return false;
    }

    private void Copy(string path, SafeFileHandle to, Func<long, byte[], byte[]> rewrite)
    {
        var written = 0L;
        using var file = FileBytes.OpenToRead(path) ?? throw new FileNotFoundException($"'{path}' no longer exists.", path);
        foreach (var (offset, line) in ForwardLines.Read(file, RandomAccess.GetLength(file)))
        {
            var bytes = rewrite(offset, line);
            store.FileWriter.Write(to, bytes, written);
            written += bytes.Length;
        }
    }
}
