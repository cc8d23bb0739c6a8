using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PluginHost.Sdk;

namespace MyPlugin;

/// <summary>A run with its document, the position of its last write among those of all runs, and the steps of a run in progress. Immutable.</summary>
internal sealed record StoredRun(RunRecord Record, ReadOnlyMemory<byte> Document, long Written, ImmutableList<byte[]> Steps);

/// <summary>A session with its runs. Immutable.</summary>
internal sealed record Entry(SessionRecord Session)
{
    /// <summary>The runs that have ended, by first save.</summary>
    public ImmutableList<StoredRun> Ended { get; init; } = [];

    /// <summary>The runs in progress, by creation, then id.</summary>
    public ImmutableList<StoredRun> Open { get; init; } = [];

    /// <summary>All runs. One that is tried again is listed once, as the open one.</summary>
    public IEnumerable<StoredRun> Runs => Ended.Where(e => Open.TrueForAll(o => o.Record.Id != e.Record.Id)).Concat(Open);

    public Entry WithEnded(StoredRun run)
    {
        var index = Ended.FindIndex(r => r.Record.Id == run.Record.Id);
        return this with { Ended = index < 0 ? Ended.Add(run) : Ended.SetItem(index, run) };
    }

    public Entry Without(string run) => this with { Ended = Ended.RemoveAll(r => r.Record.Id == run), Open = Open.RemoveAll(r => r.Record.Id == run) };
}

/// <summary>
/// The sessions in memory and their files. Each file has a line for the session, one for each run, and one for each step below its run.
/// </summary>
internal sealed class MyPluginFiles(string folder) : IDisposable
{
    private readonly ConcurrentDictionary<SessionKey, Entry> _entries = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private bool _isOpen;
    private long _written;

    public IEnumerable<Entry> All => _entries.Select(e => e.Value);

    public Entry? Find(SessionKey session) => _entries.GetValueOrDefault(session);

    public StoredRun Stamp(RunRecord run) => new(run, run.ToDocument(), ++_written, []);

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        using var held = await HoldAsync(cancellationToken);
        if (_isOpen) return;
        var files = Directory.CreateDirectory(folder);
        foreach (var left in files.GetFiles("*.new")) left.Delete();
        foreach (var file in files.GetFiles("*.session"))
        {
            try
            {
                var entry = Parse(await File.ReadAllLinesAsync(file.FullName, cancellationToken));
                _entries[entry.Session.Key] = entry;
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                throw new StorageException($"{file.FullName} cannot be read. Restore it from a backup, or move it away.", e);
            }
        }

        _isOpen = true;
    }

    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        using var held = await HoldAsync(cancellationToken);
        _entries.Clear();
        _isOpen = false;
    }

    /// <summary>Writes what a change makes of a session. What the change throws leaves all as it was.</summary>
    public async ValueTask ChangeAsync(SessionKey session, Func<Entry?, Entry> change, CancellationToken cancellationToken)
    {
        using var held = await HoldAsync(cancellationToken);
        var entry = change(Find(session));
        await WriteAsync(FileOf(session), Format(entry), cancellationToken);
        _entries[session] = entry;
    }

    public async ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken)
    {
        using var held = await HoldAsync(cancellationToken);
        File.Delete(FileOf(session));
        return _entries.TryRemove(session, out var entry) ? 1 + entry.Runs.Count() : 0;
    }

    public void Dispose() => _writing.Dispose();

    private static string Format(Entry entry)
    {
        var text = new StringBuilder().Append($"session {Text(entry.Session.ToDocument())}\n");
        foreach (var run in entry.Ended) text.Append(CultureInfo.InvariantCulture, $"ended {run.Written} {Text(run.Document)}\n");
        foreach (var run in entry.Open)
        {
            text.Append(CultureInfo.InvariantCulture, $"open {run.Written} {Text(run.Document)}\n");
            foreach (var step in run.Steps) text.Append($"step {Text(step)}\n");
        }

        return text.ToString();

        static string Text(ReadOnlyMemory<byte> document) => Encoding.UTF8.GetString(document.Span);
    }

    private Entry Parse(string[] lines)
    {
        var entry = new Entry(SessionRecord.FromDocument(Encoding.UTF8.GetBytes(lines[0].Split(' ', 2)[1])));
        foreach (var line in lines.Skip(1))
        {
            if (line.StartsWith("step ", StringComparison.Ordinal))
            {
                var last = entry.Open[^1];
                entry = entry with { Open = entry.Open.SetItem(entry.Open.Count - 1, last with { Steps = last.Steps.Add(Encoding.UTF8.GetBytes(line[5..])) }) };
                continue;
            }

            var parts = line.Split(' ', 3);
            var document = Encoding.UTF8.GetBytes(parts[2]);
            var run = new StoredRun(RunRecord.FromDocument(document), document, long.Parse(parts[1], CultureInfo.InvariantCulture), []);
            _written = Math.Max(_written, run.Written);
            entry = parts[0] == "open" ? entry with { Open = entry.Open.Add(run) } : entry with { Ended = entry.Ended.Add(run) };
        }

        return entry;
    }

    private static async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        try
        {
            await using (var stream = new FileStream($"{file}.new", FileMode.Create))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            // The new file replaces the old one at once: after a crash there is one or the other.
            File.Move($"{file}.new", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{file} cannot be written: {e.Message}", e);
        }
    }

    // Ids come from callers: they are never a path.
    private string FileOf(SessionKey session) => Path.Combine(
        folder, Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new[] { session.Tenant, session.Id }))) + ".session");

    private async Task<IDisposable> HoldAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        return new Hold(_writing);
    }

    private sealed class Hold(SemaphoreSlim writing) : IDisposable
    {
        public void Dispose() => writing.Release();
    }
}
