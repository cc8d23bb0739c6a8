using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Http;

/// <summary>
/// A handler written by hand for this one task. It reads the window, calls the model, and passes both messages to one writer, which
/// commits all waiting messages together. With windows in memory it reads nothing from the database: about the limit of what durable runs can reach.
/// </summary>
internal sealed class HttpBaseline : IRunBackend
{
    private readonly IChatClient _model;
    private readonly string _path;
    private readonly HistoryFile _writer;
    private readonly ConcurrentBag<HistoryFile> _readers = [];
    private readonly Channel<Append> _appends = Channel.CreateBounded<Append>(new BoundedChannelOptions(1024) { SingleReader = true });
    private readonly MemoryWindows? _windows;
    private readonly Task _writing;

    /// <param name="path">The database file.</param>
    /// <param name="model">The model.</param>
    /// <param name="keepsWindows">Whether windows are in memory. A session that was stored earlier is read as empty then.</param>
    public HttpBaseline(string path, IChatClient model, bool keepsWindows)
    {
        (_path, _model) = (path, model);
        _windows = keepsWindows ? new() : null;
        _writer = new(path);
        _writing = Task.Run(WriteAsync);
    }

    public async Task<string> RunAsync(string session, string input, CancellationToken cancellationToken)
    {
        var messages = Read(session);
        var message = new ChatMessage(ChatRole.User, input);
        messages.Add(message);
        var response = await _model.GetResponseAsync(messages, null, cancellationToken);
        await SeedAsync(session, [message, .. response.Messages], cancellationToken);
        return response.Text;
    }

    public async Task SeedAsync(string session, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        var append = new Append(session, messages, new(TaskCreationOptions.RunContinuationsAsynchronously));
        await _appends.Writer.WriteAsync(append, cancellationToken);
        await append.Done.Task;
        _windows?.Add(session, messages);
    }

    public async ValueTask DisposeAsync()
    {
        _appends.Writer.Complete();
        await _writing;
        foreach (var reader in _readers) reader.Dispose();
        _writer.Dispose();
    }

    private List<ChatMessage> Read(string session)
    {
        if (_windows is not null) return _windows.Read(session) ?? [];
        var reader = _readers.TryTake(out var idle) ? idle : new(_path);
        try
        {
            return reader.ReadWindow(session, IRunBackend.Window);
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    private async Task WriteAsync()
    {
        var batch = new List<Append>();
        while (await _appends.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < 256 && _appends.Reader.TryRead(out var append)) batch.Add(append);
            try
            {
                using var transaction = _writer.BeginTransaction();
                foreach (var append in batch) _writer.Append(transaction, append.Session, append.Messages);
                transaction.Commit();
                foreach (var append in batch) append.Done.SetResult();
            }
            catch (Exception e)
            {
                foreach (var append in batch) append.Done.TrySetException(e);
            }
        }
    }

    private sealed record Append(string Session, IReadOnlyList<ChatMessage> Messages, TaskCompletionSource Done);
}
