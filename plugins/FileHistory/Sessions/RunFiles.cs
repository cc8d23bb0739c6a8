using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>
/// The runs file of a session: one line per save of a run; the latest line of a run is valid. The session's file holds the
/// committed length, so that replacing it commits both files. The caller holds the session's lock, except for a search.
/// </summary>
internal sealed class RunFiles(FileStore store)
{
    public const string Extension = ".runs.jsonl";

    public string GetPath(SessionKey session) => Path.Combine(store.SessionsFolder, FileName.From(session) + Extension);

    /// <summary>Finds the matching runs of a session, oldest first; with <paramref name="single"/> only the newest matching one.</summary>
    public List<RunEntry> Find(SessionEntry session, Func<RunEntry, bool> predicate, bool single)
    {
        var path = GetPath(session.Key);
        Dictionary<string, RunEntry> latest = new(StringComparer.Ordinal);
        using var file = session.RunsLength == 0 ? null : FileBytes.OpenToRead(path);
        if (file is null) return [];
        using var lines = new BackwardLines(file, CommittedLength(path, file, session.RunsLength));
        while (lines.Read())
        {
            if (ReadEntry(path, file, lines) is not { } entry) continue;
            var current = latest.TryGetValue(entry.Id, out var later) ? later with { FirstOffset = entry.Offset } : entry;
            latest[entry.Id] = current;
            if (single && predicate(current)) return [current];
        }

        return [.. latest.Values.Where(predicate).OrderBy(r => r.FirstOffset)];
    }

    /// <summary>Reads runs. Corrupt ones are reported and skipped.</summary>
    public List<RunRecord> Read(SessionKey session, IReadOnlyList<RunEntry> runs)
    {
        var path = GetPath(session);
        using var file = runs.Count == 0 ? null : FileBytes.OpenToRead(path);
        return file is null ? [] : [.. runs.Select(r => Read(path, file, r)).OfType<RunRecord>()];
    }

    /// <summary>Reads one run for a search, without the session's lock; null when it is gone or corrupt.</summary>
    public RunRecord? Read(SessionKey session, long offset, int length)
    {
        var path = GetPath(session);
        using var file = FileBytes.OpenToRead(path);
        if (file is null || RandomAccess.GetLength(file) < offset + length) return null;
        var line = FileBytes.Read(file, offset, length);
        // Without the session's lock the line may be half overwritten, so a failure is not reported and nothing of it is copied.
        try
        {
            return line.AsSpan().IndexOfAnyExcept((byte)' ') < 0 ? null : RecordJson.ReadRun(line);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Writes a run after the committed ones, over a run whose save did not complete.</summary>
    /// <returns>The new length of the file.</returns>
    public long Append(SessionKey session, byte[] line, long committed)
    {
        var path = GetPath(session);
        using var stream = PrivateFiles.Open(path, FileMode.OpenOrCreate);
        var file = stream.SafeFileHandle;
        var end = CommittedLength(path, file, committed);
        RandomAccess.SetLength(file, end);
        store.FileWriter.Write(file, line, end);
        store.FileWriter.Flush(file);
        return end + line.Length;
    }

    /// <summary>Overwrites every line of a run with spaces: its content is erased and the offsets of other runs do not change.</summary>
    /// <returns>The removed run; null when it was not found.</returns>
    public RunEntry? Remove(SessionEntry session, string run)
    {
        if (session.RunsLength == 0) return null;
        var path = GetPath(session.Key);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        using var lines = new BackwardLines(file, CommittedLength(path, file, session.RunsLength));
        RunEntry? removed = null;
        while (lines.Read())
        {
            if (ReadEntry(path, file, lines) is not { } entry || entry.Id != run) continue;
            removed ??= entry;
            var spaces = new byte[entry.Length];
            spaces.AsSpan().Fill((byte)' ');
            store.FileWriter.Write(file, spaces, entry.Offset);
        }

        if (removed is null) return null;
        store.FileWriter.Flush(file);
        // The copy may hold a line of the run; the other lines are still in their file.
        File.Delete(CorruptLines.GetCopyPath(path));
        return removed;
    }

    /// <summary>Removes the bytes that an incomplete save wrote.</summary>
    public void UndoAppend(SessionKey session, long committed)
    {
        try
        {
            if (committed == 0)
            {
                File.Delete(GetPath(session));
                return;
            }

            using var file = File.OpenHandle(GetPath(session), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.SetLength(file, Math.Min(RandomAccess.GetLength(file), committed));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Report the error of the save. The remaining bytes are not committed, and the next save overwrites them.
        }
    }

    private RunRecord? Read(string path, SafeFileHandle file, RunEntry run) =>
        Read(path, file, run.Offset, FileBytes.Read(file, run.Offset, run.Length));

    private RunRecord? Read(string path, SafeFileHandle file, long offset, byte[] line)
    {
        try
        {
            return RecordJson.ReadRun(line);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            store.CorruptLines.Report(path, file, offset, line, e);
            return null;
        }
    }

    private RunEntry? ReadEntry(string path, SafeFileHandle file, BackwardLines lines)
    {
        // A removed run is a line of spaces.
        if (lines.Line.Span.IndexOfAnyExcept((byte)' ') < 0) return null;
        try
        {
            return RecordJson.ReadRunEntry(lines.Line.Span, lines.Offset);
        }
        catch (JsonException e)
        {
            store.CorruptLines.Report(path, file, lines.Offset, lines.Line.Span, e);
            return null;
        }
    }

    private long CommittedLength(string path, SafeFileHandle file, long committed)
    {
        var length = RandomAccess.GetLength(file);
        if (length >= committed) return committed;
        Log.RunsLost(store.Logger, path, length, committed);
        return FileBytes.FindLastLineEnd(file, length);
    }
}
