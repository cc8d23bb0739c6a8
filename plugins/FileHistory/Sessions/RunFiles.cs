using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>
/// The runs file of a session: one line per save of a run, the latest of a run counts. Only as many bytes count as the
/// session's own file says, so that replacing that file commits both. The caller holds the session's lock.
/// </summary>
internal sealed class RunFiles(FileStore store)
{
    public string PathOf(SessionKey session) => Path.Combine(store.SessionsFolder, FileName.Of(session) + ".runs.jsonl");

    /// <summary>The runs of a session that are wanted, oldest first; the first wanted one, found from the end, when one is enough.</summary>
    public List<RunHead> Heads(SessionEntry session, Func<RunHead, bool> isWanted, bool one)
    {
        var path = PathOf(session.Key);
        Dictionary<string, RunHead> latest = new(StringComparer.Ordinal);
        using var file = session.RunsLength == 0 ? null : Bytes.OpenToRead(path);
        if (file is null) return [];
        using var lines = new BackwardLines(file, CommittedLength(path, file, session.RunsLength));
        while (lines.Read())
        {
            if (ReadHead(path, file, lines) is not { } head) continue;
            var current = latest.TryGetValue(head.Id, out var later) ? later with { FirstOffset = head.Offset } : head;
            latest[head.Id] = current;
            if (one && isWanted(current)) return [current];
        }

        return [.. latest.Values.Where(isWanted).OrderBy(h => h.FirstOffset)];
    }

    public List<RunRecord> Read(SessionKey session, IReadOnlyList<RunHead> heads)
    {
        using var file = heads.Count == 0 ? null : Bytes.OpenToRead(PathOf(session));
        return file is null ? [] : [.. heads.Select(h => RecordJson.ReadRun(Bytes.Read(file, h.Offset, h.Length)))];
    }

    /// <summary>Writes a run after the committed ones, in the place of one whose save did not finish.</summary>
    /// <returns>How many bytes the file has then.</returns>
    public long Append(SessionKey session, byte[] line, long committed)
    {
        var path = PathOf(session);
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var end = CommittedLength(path, file, committed);
        RandomAccess.SetLength(file, end);
        store.Disk.Write(file, line, end);
        store.Disk.Flush(file);
        return end + line.Length;
    }

    /// <summary>Writes blanks over every line of a run, so that nothing of it remains and the others stay where they are.</summary>
    /// <returns>The run as it was; null when there was none.</returns>
    public RunHead? Remove(SessionEntry session, string run)
    {
        if (session.RunsLength == 0) return null;
        var path = PathOf(session.Key);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        using var lines = new BackwardLines(file, CommittedLength(path, file, session.RunsLength));
        RunHead? removed = null;
        while (lines.Read())
        {
            if (ReadHead(path, file, lines) is not { } head || head.Id != run) continue;
            removed ??= head;
            var blanks = new byte[head.Length];
            blanks.AsSpan().Fill((byte)' ');
            store.Disk.Write(file, blanks, head.Offset);
        }

        if (removed is not null) store.Disk.Flush(file);
        return removed;
    }

    /// <summary>Takes back what a save wrote that did not finish.</summary>
    public void TakeBack(SessionKey session, long committed)
    {
        try
        {
            if (committed == 0)
            {
                File.Delete(PathOf(session));
                return;
            }

            using var file = File.OpenHandle(PathOf(session), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.SetLength(file, Math.Min(RandomAccess.GetLength(file), committed));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The save's own error is reported; what is left does not count, and the next save writes over it.
        }
    }

    private RunHead? ReadHead(string path, SafeFileHandle file, BackwardLines lines)
    {
        // What was removed is blank.
        if (lines.Line.Span.IndexOfAnyExcept((byte)' ') < 0) return null;
        try
        {
            return RecordJson.ReadRunHead(lines.Line.Span, lines.Offset);
        }
        catch (JsonException e)
        {
            store.Corrupt.Report(path, file, lines.Offset, lines.Line.Span, e);
            return null;
        }
    }

    private long CommittedLength(string path, SafeFileHandle file, long committed)
    {
        var length = RandomAccess.GetLength(file);
        if (length >= committed) return committed;
        Log.RunsLost(store.Logger, path, length, committed);
        return LastLine.End(file, length);
    }
}
