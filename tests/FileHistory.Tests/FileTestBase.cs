using System.Collections.Concurrent;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Tests;

/// <summary>Opens histories and session stores on one empty folder, as one host does.</summary>
public abstract class FileTestBase : IAsyncLifetime
{
    private readonly ConcurrentStack<TestPluginContext> _contexts = new();
    private TestPluginContext _host = new();

    protected static SessionKey Session { get; } = new("default", "s1");

    protected static CancellationToken None => CancellationToken.None;

    private protected TestFolder Folder { get; } = new();

    /// <summary>What the most recently opened plugin logged.</summary>
    protected IReadOnlyList<TestLogEntry> Logs => _contexts.TryPeek(out var context) ? context.Logs : throw new InvalidOperationException("Nothing is open.");

    protected string FilesPath => Path.Combine(Folder.Store, "files");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await CloseAsync();
        Folder.Dispose();
    }

    protected FileHistory OpenHistory() => new(new FileHistoryOptions("files"), Context());

    private protected FileHistory OpenHistory(DurableFileWriter writer) => new(new FileHistoryOptions("files"), Context(), writer);

    protected FileSessions OpenSessions() => new(new FileSessionsOptions("files"), Context());

    private protected FileSessions OpenSessions(DurableFileWriter writer) => new(new FileSessionsOptions("files"), Context(), writer);

    /// <summary>Closes all open plugins, as a stopping host does.</summary>
    protected async Task CloseAsync()
    {
        while (_contexts.TryPop(out var context)) await context.DisposeAsync();
        await _host.DisposeAsync();
        _host = new();
    }

    protected string HistoryFile(SessionKey? session = null) => Path.Combine(FilesPath, "history", FileName.From(session ?? Session) + ".jsonl");

    protected string SessionFile(SessionKey? session = null) => Path.Combine(FilesPath, "sessions", FileName.From(session ?? Session) + ".json");

    protected string RunsFile(SessionKey? session = null) => Path.Combine(FilesPath, "sessions", FileName.From(session ?? Session) + ".runs.jsonl");

    protected static HistoryAppend Append(string run, SessionKey? session = null, string text = "text") => new()
    {
        Session = session ?? Session,
        Messages =
        [
            Message(run, $"{run}.in", MessageOrigin.Input, new ChatMessage(ChatRole.User, text)),
            Message(run, $"{run}.out", MessageOrigin.Output, new ChatMessage(ChatRole.Assistant, $"answer to {text}")),
        ],
        RunId = run,
        Agent = "assistant",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static HistoryMessage Message(string run, string id, MessageOrigin origin, ChatMessage message) => new()
    {
        Id = id,
        Origin = origin,
        Message = message,
        RunId = run,
        Agent = "assistant",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    protected static async Task<string> IdsAsync(FileHistory history, SessionKey? session = null, int limit = 50) =>
        string.Join(' ', (await history.LoadAsync(new HistoryQuery { Session = session ?? Session, Limit = limit, Order = ListOrder.Descending }, None)).Items.Reverse().Select(m => m.Id));

    protected static SessionSave Save(int version, RunRecord? run = null) =>
        new() { Session = new SessionRecord { Key = Session, Version = version, CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch }, ExpectedVersion = version - 1, Run = run };

    protected static RunRecord Run(string id) => new()
    {
        Id = id,
        Session = Session,
        Agent = "assistant",
        Status = RunStatus.Completed,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Output = [new ChatMessage(ChatRole.Assistant, $"answer of {id}")],
    };

    private TestPluginContext Context()
    {
        var context = new TestPluginContext("file-history", Folder.Store, _host);
        _contexts.Push(context);
        return context;
    }
}
