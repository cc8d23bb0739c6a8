using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>Reads and writes the history file of a session. The caller holds the session's lock.</summary>
internal sealed class HistoryFiles(FileStore store)
{
    public string PathOf(SessionKey session) => Path.Combine(store.HistoryFolder, FileName.Of(session) + ".jsonl");

    public Page<HistoryMessage> Load(HistoryQuery query, int window)
    {
        var path = PathOf(query.Session);
        using var file = Bytes.OpenToRead(path);
        if (file is null) return new Page<HistoryMessage>([], false);
        using var lines = new HistoryLines(path, file, Tail.Settle(path, file, store), store.Corrupt);
        return new HistoryReader(query, query.Limit ?? window).Read(lines, place => Parse(path, file, place));
    }

    public void Append(HistoryAppend append, byte[] line)
    {
        var path = PathOf(append.Session);
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var end = Tail.Repair(path, file, store);
        var index = store.HistoryIndexes.Find(append.Session, end) ?? ReadIndex(path, file, end);
        if (!index.Covers(append) && Unknown(append, path, file, end, line) is { } bytes)
        {
            Write(append.Session, path, file, end, bytes);
            index.Add(append.RunId, append.Attempt, append.Step);
            index.Length = end + bytes.Length;
        }

        store.HistoryIndexes.Put(append.Session, index);
    }

    /// <summary>A write that fails is taken back, so that nothing half or unacknowledged stays.</summary>
    private void Write(SessionKey session, string path, SafeFileHandle file, long end, byte[] bytes)
    {
        try
        {
            store.Disk.Write(file, bytes, end);
            store.Disk.Flush(file);
            if (end == 0) store.Disk.FlushFolder(store.HistoryFolder);
        }
        catch
        {
            store.HistoryIndexes.Remove(session);
            TakeBack(path, file, end);
            throw;
        }
    }

    private static void TakeBack(string path, SafeFileHandle file, long end)
    {
        try
        {
            RandomAccess.SetLength(file, end);
            if (end == 0) Disk.TryDelete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The write's own error is reported; a half line is recognised and removed by the next append.
        }
    }

    /// <summary>A line whose head can be read but not its messages is as corrupt as any other.</summary>
    private HistoryLine? Parse(string path, SafeFileHandle file, MessagePlace place)
    {
        var bytes = Bytes.Read(file, place.Offset, place.Length);
        try
        {
            return HistoryLine.Read(bytes, withMessages: true);
        }
        catch (JsonException e)
        {
            store.Corrupt.Report(path, file, place.Offset, bytes, e);
            return null;
        }
    }

    private HistoryIndex ReadIndex(string path, SafeFileHandle file, long end)
    {
        var index = new HistoryIndex { Length = end };
        using var lines = new HistoryLines(path, file, end, store.Corrupt);
        while (lines.ReadAny()) index.Add(lines.Head.Run, lines.Head.Attempt, lines.Head.Step);
        return index;
    }

    /// <summary>What of an append is to be written; outside runs only the messages whose ids are new. Null for nothing.</summary>
    private byte[]? Unknown(HistoryAppend append, string path, SafeFileHandle file, long end, byte[] line)
    {
        if (append.RunId is not null || end == 0) return line;
        HashSet<string> ids = [.. append.Messages.Select(m => m.Id)];
        var all = ids.Count;
        using var lines = new HistoryLines(path, file, end, store.Corrupt);
        while (ids.Count > 0 && lines.Read()) ids.ExceptWith(lines.Head.Ids);
        if (ids.Count == all) return line;
        return ids.Count == 0 ? null : HistoryLineWriter.Write(append with { Messages = [.. append.Messages.Where(m => ids.Contains(m.Id))] });
    }
}
