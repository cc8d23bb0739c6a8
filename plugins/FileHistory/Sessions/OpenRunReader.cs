using System.Text.Json;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>Reads the files of runs in progress.</summary>
internal sealed class OpenRunReader(FileStore store)
{
    /// <summary>Reads the file of a run, and removes a torn last line: its write was never acknowledged.</summary>
    /// <returns>The run; null when the file has no record that can be read.</returns>
    public OpenRun? Load(SessionKey session, string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        var end = FileBytes.FindLastLineEnd(file, length);
        if (end < length)
        {
            RandomAccess.SetLength(file, end);
            Log.TornLineRemoved(store.Logger, path, end, length - end);
        }

        OpenRun? run = null;
        foreach (var (offset, line) in ForwardLines.Read(file, end))
        {
            try
            {
                run = Add(run, session, line.AsSpan(0, line.Length - 1), offset);
            }
            catch (JsonException e)
            {
                store.CorruptLines.Report(path, file, offset, line.AsSpan(0, line.Length - 1), e);
            }
        }

        return run is null ? null : run with { FileLength = end };
    }

    /// <summary>Reads the record of a run; null when the run has ended meanwhile, or its record is corrupt.</summary>
    public RunRecord? Read(OpenRun run)
    {
        using var file = FileBytes.OpenToRead(OpenRunFiles.GetPath(store, run.Session, run.Record.Id));
        if (file is null || RandomAccess.GetLength(file) < run.Record.Offset + run.Record.Length) return null;
        try
        {
            return RecordJson.ReadRun(FileBytes.Read(file, run.Record.Offset, run.Record.Length));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            Log.CorruptRun(store.Logger, run.Record.Id, OpenRunFiles.GetPath(store, run.Session, run.Record.Id), e.Message);
            return null;
        }
    }

    /// <summary>Reads all steps of a run in their order.</summary>
    /// <exception cref="InvalidDataException">A line cannot be read.</exception>
    public List<ReadOnlyMemory<byte>> ReadSteps(OpenRun run)
    {
        var path = OpenRunFiles.GetPath(store, run.Session, run.Record.Id);
        List<ReadOnlyMemory<byte>> steps = [];
        using var file = FileBytes.OpenToRead(path);
        if (file is null) return steps;
        foreach (var (offset, line) in ForwardLines.Read(file, run.FileLength))
        {
            try
            {
                var read = JournalLine.Read(line);
                if (read.Steps.Count == 0) continue;
                if (read.FirstStep > steps.Count) throw new JsonException($"Expected step {steps.Count}, found step {read.FirstStep}.");
                steps.RemoveRange(read.FirstStep, steps.Count - read.FirstStep);
                steps.AddRange(read.Steps.Select(s => (ReadOnlyMemory<byte>)line.AsMemory(s)));
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"The steps of run '{run.Record.Id}' cannot be read: '{path}' is corrupt at byte {offset} ({e.Message}). Repair the file or delete the session.", e);
            }
        }

        return steps;
    }

    /// <summary>A run with one more line; null when the line has no record and there is none before.</summary>
    public static OpenRun? Add(OpenRun? run, SessionKey session, ReadOnlySpan<byte> line, long offset)
    {
        var read = JournalLine.Read(line);
        var record = read.Run is { } range ? RecordJson.ReadRunEntry(line[range], offset + range.Start.Value) : run?.Record;
        if (record is null) return null;
        var steps = read.Steps.Count == 0 ? run?.Steps ?? 0 : read.FirstStep + read.Steps.Count;
        return new OpenRun(session, record, steps, offset + line.Length + 1);
    }
}
