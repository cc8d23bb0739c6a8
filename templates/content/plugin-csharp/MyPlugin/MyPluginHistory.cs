using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

[assembly: Plugin("my-plugin", typeof(MyPlugin.MyPluginHistory), Options = typeof(MyPlugin.MyPluginOptions))]

namespace MyPlugin;

/// <summary>Options of <c>my-plugin</c>.</summary>
/// <param name="Path">The folder of the files.</param>
public sealed record MyPluginOptions([Required, OptionPath(Folder = true, Writable = true)] string Path = "my-plugin");

/// <summary>Keeps the messages of each session in a file, one message in a line.</summary>
public sealed class MyPluginHistory(MyPluginOptions options, PluginContext context) : IHistoryProvider
{
    private readonly string _folder = context.ResolvePath(options.Path);

    // One write at a time, in all instances of the plugin.
    private readonly SemaphoreSlim _writing = context.Share(context.ResolvePath(options.Path), () => new SemaphoreSlim(1, 1));

    /// <inheritdoc/>
    public async ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var found = (await ReadAsync(query.Session, cancellationToken)).FindAll(l => l.Message is not null);
        if (query.UpToRun is { } run) found = found[..(found.FindLastIndex(l => l.Message!.RunId == run) + 1)];
        if (query.After is { } after) found = found.FindIndex(l => l.Message!.Id == after) is >= 0 and var index ? found[(index + 1)..] : [];
        if (query.Before is { } before) found = found[..Math.Max(0, found.FindIndex(l => l.Message!.Id == before))];
        // Messages of failed runs are valid bounds, so they are left out last.
        if (!query.IncludeFailed) found.RemoveAll(l => l.Message!.Outcome == RunOutcome.Failed);
        if (query.Order == ListOrder.Descending) found.Reverse();
        var (page, bytes) = (new List<HistoryMessage>(), 0L);
        foreach (var line in found.Take(query.Limit))
        {
            page.Add(line.Message!);
            if ((bytes += line.Text.Length) >= query.MaxBytes) break;
        }

        var older = found.Skip(page.Count).ToList();
        // Pinned messages follow, so that a run does not lose them with those around them.
        if (query.Order == ListOrder.Descending) page.AddRange(older.Select(l => l.Message!).Where(m => m.IsPinned).Take(query.PinnedLimit));
        return new() { Items = page, HasMore = older.Count > 0 };
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
    {
        using var held = await HoldAsync(cancellationToken);
        var lines = await ReadAsync(append.Session, cancellationToken);
        if (append.RunId is { } run)
        {
            var earlier = lines.FindAll(l => l.Stored?.RunId == run);
            if (earlier.Exists(l => l.Attempt > append.Attempt || (l.Attempt == append.Attempt && l.Step == append.Step))) return;
            lines.RemoveAll(l => l.Stored?.RunId == run && l.Attempt < append.Attempt && l.Stored.Outcome != RunOutcome.Completed);
        }

        var known = lines.Select(l => l.Message?.Id).ToHashSet();
        var added = append.Messages.Where(m => append.RunId is not null || !known.Contains(m.Id));
        await WriteAsync(append.Session, [.. lines, .. added.Select(m => Line.From(append, m))], cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken)
    {
        using var held = await HoldAsync(cancellationToken);
        var lines = await ReadAsync(deletion.Session, cancellationToken);
        var removed = lines.FindAll(l => l.Message is { } m && deletion.MessageIds?.Contains(m.Id) != false);
        if (deletion.MessageIds is null) DeleteFiles(deletion.Session);
        // Their lines stay, without content: a repeated append must not bring the messages back.
        else if (removed.Count > 0) await WriteAsync(deletion.Session, lines.Select(l => removed.Contains(l) ? l.Erase() : l), cancellationToken);
        return removed.Count;
    }

    private async Task<List<Line>> ReadAsync(SessionKey session, CancellationToken cancellationToken)
    {
        var file = FileOf(session);
        if (!File.Exists(file)) return [];
        return [.. (await File.ReadAllLinesAsync(file, cancellationToken)).Select(l => Line.Parse(l, context.Logger))];
    }

    private async Task WriteAsync(SessionKey session, IEnumerable<Line> lines, CancellationToken cancellationToken)
    {
        var (file, text) = (FileOf(session), string.Concat(lines.Select(l => $"{l.Text}\n")));
        try
        {
            Directory.CreateDirectory(_folder);
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

    private void DeleteFiles(SessionKey session)
    {
        // A crash during a write leaves the new file.
        foreach (var file in new[] { FileOf(session), $"{FileOf(session)}.new" })
        {
            if (File.Exists(file)) File.Delete(file);
        }
    }

    // Ids come from callers: they are never a path.
    private string FileOf(SessionKey session) => Path.Combine(
        _folder, Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new[] { context.Name, session.Tenant, session.Id }))));

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

/// <summary>A line of a file: attempt, step, whether the message is kept, and the document of the message.</summary>
internal sealed record Line(string Text, int Attempt, int Step, bool IsKept, HistoryMessage? Stored)
{
    /// <summary>The message; null when it was deleted, or when its document cannot be read.</summary>
    public HistoryMessage? Message => IsKept ? Stored : null;

    public static Line From(HistoryAppend append, HistoryMessage message) => Create(append.Attempt, append.Step, isKept: true, message);

    public static Line Parse(string text, ILogger logger)
    {
        var parts = text.Split(' ', 4);
        HistoryMessage? message = null;
        try
        {
            message = HistoryMessage.FromDocument(Encoding.UTF8.GetBytes(parts[3]));
        }
        catch (JsonException e)
        {
            logger.LogWarning(e, "A message cannot be read and is left out. Its line stays in the file.");
        }

        return new(text, int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2] == "kept", message);
    }

    /// <summary>The line without the content of the message.</summary>
    public Line Erase() => Create(
        Attempt, Step, isKept: false, new() { Id = Stored!.Id, Origin = Stored.Origin, RunId = Stored.RunId, Outcome = Stored.Outcome, Message = new ChatMessage() });

    private static Line Create(int attempt, int step, bool isKept, HistoryMessage message) => new(
        $"{attempt} {step} {(isKept ? "kept" : "deleted")} {Encoding.UTF8.GetString(message.ToDocument().Span)}", attempt, step, isKept, message);
}
