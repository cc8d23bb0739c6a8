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
        var changes = FindChanges(path, ids);
        if (changes.Lines.Count == 0) return 0;
        store.HistoryIndexes.Remove(session);
        var corrupt = CorruptLines.GetCopyPath(path);
        if (File.Exists(corrupt) && Mentions(File.ReadAllBytes(corrupt), ids))
            store.FileWriter.Replace(corrupt, to => Copy(corrupt, to, (_, line) => Mentions(line, ids) ? [] : line));
        if (changes.AreTail) CutTail(session, path, changes.Lines, ids);
        else store.FileWriter.Replace(path, to => Copy(path, to, (offset, line) => Rewrite(session, offset, line, changes.Lines, ids)));
        store.FileWriter.FlushFolder(store.HistoryFolder);
        return changes.Removed;
    }

    /// <summary>
    /// Removes all messages of the last lines in place. Unlike a rewrite this needs no space, so an append can be taken back on a
    /// full disk. A crash in between leaves a torn line, which the next append removes.
    /// </summary>
    private void CutTail(SessionKey session, string path, Dictionary<long, bool> lines, IReadOnlySet<string> ids)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var (start, kept) = (lines.Keys.Min(), new MemoryStream());
        foreach (var (offset, line) in ForwardLines.Read(file, RandomAccess.GetLength(file), start))
        {
            // Outside runs no append is repeated, so its line need not stay.
            if (HistoryLine.Read(line, withMessages: false).Run is not null) kept.Write(Rewrite(session, offset, line, lines, ids));
        }

        RandomAccess.SetLength(file, start + kept.Length);
        DurableFileWriter.Overwrite(file, kept.ToArray(), start);
        store.FileWriter.Flush(file);
    }
    /// <summary>
    /// Finds the lines to rewrite, by offset: lines with the messages, and lines of replaced attempts, which may hold the same
    /// content under other ids.
    /// </summary>
    private Changes FindChanges(string path, IReadOnlySet<string> ids)
    {
        var (removed, found, tail) = (0, false, 0);
        Dictionary<long, bool> changes = [];
        using var file = FileBytes.OpenToRead(path);
        if (file is null) return new Changes(0, [], false);
        var next = TornLineRepair.FindEnd(path, file, store);
        using var lines = new HistoryLines(path, file, next, store.CorruptLines);
        while (lines.ReadIncludingReplaced())
        {
            var count = lines.Current.Ids.Count(ids.Contains);
            if (count == 0 && !lines.IsReplaced) continue;
            changes[lines.Offset] = lines.IsReplaced;
            if (lines.Offset + lines.Length + 1 == next && (lines.IsReplaced || count == lines.Current.Ids.Count)) (next, tail) = (lines.Offset, tail + 1);
            found |= count > 0;
            if (!lines.IsReplaced) removed += count;
        }

        return found ? new Changes(removed, changes, tail == changes.Count) : new Changes(0, [], false);
    }

    /// <param name="Removed">The number of messages to remove.</param>
    /// <param name="Lines">The lines to change by offset, each with whether a later attempt has replaced it.</param>
    /// <param name="AreTail">Whether they are the last lines of the file and lose all their messages.</param>
    private sealed record Changes(int Removed, Dictionary<long, bool> Lines, bool AreTail);
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
