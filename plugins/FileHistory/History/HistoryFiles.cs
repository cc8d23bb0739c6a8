using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>Reads and writes the history file of a session. The caller holds the session's lock.</summary>
internal sealed class HistoryFiles(FileStore store)
{
    public string GetPath(SessionKey session) => Path.Combine(store.HistoryFolder, FileName.From(session) + ".jsonl");

    public Page<HistoryMessage> Load(HistoryQuery query)
    {
        var (path, generation, bytes) = (GetPath(query.Session), store.Windows.Generation, 0L);
        using var file = FileBytes.OpenToRead(path);
        if (file is null) return new Page<HistoryMessage> { Items = [], HasMore = false };
        var end = TornLineRepair.FindEnd(path, file, store);
        using var lines = new HistoryLines(path, file, end, store.CorruptLines);
        var page = new HistoryReader(query).Read(
            lines,
            location =>
            {
                bytes += location.Length;
                return Parse(path, file, location);
            },
            () => GetIndex(query.Session, path, file, end));
        if (HistoryWindow.From(page, query, bytes) is { } window) store.Windows.Put(query.Session, window, generation);
        return page;
    }

    public void Append(HistoryAppend append, byte[] line)
    {
        var path = GetPath(append.Session);
        using var stream = PrivateFiles.Open(path, FileMode.OpenOrCreate);
        var file = stream.SafeFileHandle;
        var end = TornLineRepair.Repair(path, file, store);
        var index = GetIndex(append.Session, path, file, end);
        if (index.Covers(append) || WithoutDuplicates(append, path, file, end, line) is not { } bytes) return;
        Write(append.Session, path, file, end, bytes);
        index.Add(append.RunId, append.Attempt, append.Step);
        if (append.Messages.Any(m => m.IsPinned)) index.AddPinned(HistoryLine.Read(bytes.AsSpan()[..^1], withMessages: false), end, bytes.Length - 1);
        index.Length = end + bytes.Length;
        store.HistoryIndexes.Put(append.Session, index);
        UpdateWindow(append, bytes);
    }

    /// <summary>Adds what was appended to the window in memory. What replaces something, or stays when older messages go, is read from the file.</summary>
    private void UpdateWindow(HistoryAppend append, byte[] line)
    {
        var generation = store.Windows.Generation;
        if (store.Windows.Find(append.Session) is not { } window) return;
        var isFirst = append is { RunId: not null, Attempt: 1 };
        // A window has no failed runs.
        if (isFirst && append.Outcome == RunOutcome.Failed) return;
        if (isFirst && !append.Messages.Any(m => m.IsPinned) && window.TryAdd(line.AsSpan()[..^1]) is { } next) store.Windows.Put(append.Session, next, generation);
        else store.Windows.Remove(append.Session);
    }

    /// <summary>The session's index, which stays in memory.</summary>
    private HistoryIndex GetIndex(SessionKey session, string path, SafeFileHandle file, long end)
    {
        if (store.HistoryIndexes.Find(session, end) is { } known) return known;
        var index = ReadIndex(path, file, end);
        store.HistoryIndexes.Put(session, index);
        return index;
    }

    /// <summary>Writes the bytes durably. A failed write is undone, so that nothing partial or unacknowledged remains.</summary>
    private void Write(SessionKey session, string path, SafeFileHandle file, long end, byte[] bytes)
    {
        try
        {
            store.FileWriter.Write(file, bytes, end);
            store.FileWriter.Flush(file);
            if (end == 0) store.FlushHistoryFolder();
        }
        catch
        {
            store.HistoryIndexes.Remove(session);
            store.Windows.Remove(session);
            UndoWrite(path, file, end);
            throw;
        }
    }

    private static void UndoWrite(string path, SafeFileHandle file, long end)
    {
        try
        {
            RandomAccess.SetLength(file, end);
            if (end == 0) DurableFileWriter.TryDelete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Report the error of the write. The next append removes a torn line.
        }
    }

    /// <summary>Reads the line with its messages. Returns null and reports the line when a message is corrupt.</summary>
    private HistoryLine? Parse(string path, SafeFileHandle file, MessageLocation location)
    {
        var bytes = FileBytes.Read(file, location.Offset, location.Length);
        try
        {
            return HistoryLine.Read(bytes, withMessages: true);
        }
        catch (JsonException e)
        {
            store.CorruptLines.Report(path, file, location.Offset, bytes, e);
            return null;
        }
    }

    private HistoryIndex ReadIndex(string path, SafeFileHandle file, long end)
    {
        var index = new HistoryIndex { Length = end };
        using var lines = new HistoryLines(path, file, end, store.CorruptLines);
        while (lines.ReadIncludingReplaced())
        {
            index.Add(lines.Current.Run, lines.Current.Attempt, lines.Current.Step);
            index.AddPinned(lines.Current, lines.Offset, lines.Length);
        }

        return index;
    }

    /// <summary>The line to write. Outside runs it holds only messages with new ids; null when all are duplicates.</summary>
    private byte[]? WithoutDuplicates(HistoryAppend append, string path, SafeFileHandle file, long end, byte[] line)
    {
        if (append.RunId is not null || end == 0) return line;
        HashSet<string> ids = [.. append.Messages.Select(m => m.Id)];
        var all = ids.Count;
        using var lines = new HistoryLines(path, file, end, store.CorruptLines);
        while (ids.Count > 0 && lines.Read()) ids.ExceptWith(lines.Current.Ids);
        if (ids.Count == all) return line;
        return ids.Count == 0 ? null : HistoryLineWriter.Write(append with { Messages = [.. append.Messages.Where(m => ids.Contains(m.Id))] });
    }
}
