using System.Collections.Concurrent;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Tests;

/// <summary>A history and sessions on one fresh folder, as one host opens them.</summary>
public abstract class FileTestBase : IAsyncLifetime
{
    private readonly ConcurrentStack<TestPluginContext> _contexts = new();

    protected static SessionKey Session { get; } = new("default", "s1");

    protected static CancellationToken None => CancellationToken.None;

    protected TestFolder Folder { get; } = new();

    protected SharedResources Shared { get; private set; } = new();

    /// <summary>The log of what was opened last.</summary>
    protected TestLog Log => _contexts.TryPeek(out var context) ? context.Log : throw new InvalidOperationException("Nothing is open.");

    protected string FilesPath => Path.Combine(Folder.Store, "files");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await CloseAsync();
        Folder.Dispose();
    }

    protected FileHistory OpenHistory(int window = 50) => new(new FileHistoryOptions("files", window), Context());

    private protected FileHistory OpenHistory(Disk disk) => new(new FileHistoryOptions("files"), Context(), disk);

    protected FileSessions OpenSessions() => new(new FileSessionsOptions("files"), Context());

    private protected FileSessions OpenSessions(Disk disk) => new(new FileSessionsOptions("files"), Context(), disk);

    /// <summary>Closes all that is open, as when the host stops.</summary>
    protected async Task CloseAsync()
    {
        while (_contexts.TryPop(out var context)) await context.DisposeAsync();
        Shared = new SharedResources();
    }

    protected string HistoryFile(SessionKey? session = null) => Path.Combine(FilesPath, "history", FileName.Of(session ?? Session) + ".jsonl");

    protected string SessionFile(SessionKey? session = null) => Path.Combine(FilesPath, "sessions", FileName.Of(session ?? Session) + ".json");

    protected string RunsFile(SessionKey? session = null) => Path.Combine(FilesPath, "sessions", FileName.Of(session ?? Session) + ".runs.jsonl");

    protected static HistoryAppend Append(string run, SessionKey? session = null, string text = "text") => new(
        session ?? Session,
        [
            new HistoryMessage($"{run}.in", MessagePart.Input, new ChatMessage(ChatRole.User, text)),
            new HistoryMessage($"{run}.out", MessagePart.Output, new ChatMessage(ChatRole.Assistant, $"answer to {text}")),
        ])
    {
        RunId = run,
        Agent = "assistant",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    protected static async Task<string> IdsAsync(FileHistory history, SessionKey? session = null) =>
        string.Join(' ', (await history.LoadAsync(new HistoryQuery(session ?? Session), None)).Items.Select(m => m.Id));

    protected static SessionSave Save(int version, RunRecord? run = null) =>
        new(new SessionRecord(Session, version, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch), version - 1) { Run = run };

    protected static RunRecord Run(string id) => new(id, Session, "assistant", RunStatus.Completed, DateTimeOffset.UnixEpoch)
    {
        Output = [new ChatMessage(ChatRole.Assistant, $"answer of {id}")],
    };

    private TestPluginContext Context()
    {
        var context = new TestPluginContext(Folder.Store, "file-history", Shared);
        _contexts.Push(context);
        return context;
    }
}
