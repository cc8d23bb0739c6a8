using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PluginHost.Sqlite.Tests;

/// <summary>Creates histories and session stores on one folder, as the host does.</summary>
public abstract class StoreTestBase : IAsyncLifetime
{
    private readonly Stack<TestPluginContext> _contexts = new();
    private TestPluginContext _host = new();

    protected static CancellationToken None => CancellationToken.None;

    protected static SessionKey Session { get; } = new("default", "s1");

    private protected TestFolder Folder { get; } = new();

    protected string DatabasePath => Path.Combine(Folder.Store, "data", "sessions.db");

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        await CloseAsync();
        Folder.Dispose();
    }

    /// <summary>Closes all plugins, as a stopping host does.</summary>
    protected async Task CloseAsync()
    {
        while (_contexts.TryPop(out var context)) await context.DisposeAsync();
        await _host.DisposeAsync();
        _host = new();
    }

    /// <param name="name">The plugin's registered name.</param>
    /// <param name="alone">Whether the instance shares nothing with the open ones, like one of another version or host.</param>
    protected TestPluginContext Context(string name = "sqlite-history", bool alone = false)
    {
        var context = new TestPluginContext(name, Folder.Store, alone ? null : _host);
        _contexts.Push(context);
        return context;
    }

    protected SqliteHistory History(string name = "sqlite-history", int cache = 32) =>
        new(new SqliteHistoryOptions(CacheMegabytes: cache), Context(name));

    protected SqliteSessions Sessions() => new(new SqliteHistoryOptions(), Context("sqlite-sessions"));

    protected static HistoryAppend Run(string run, SessionKey? session = null, int attempt = 1, RunOutcome outcome = RunOutcome.Completed) =>
        new()
        {
            Session = session ?? Session,
            Messages =
            [
                Message($"{run}.in", ChatRole.User) with { RunId = run, Outcome = outcome, CreatedAt = DateTimeOffset.UnixEpoch },
                Message($"{run}.out", ChatRole.Assistant) with { RunId = run, Outcome = outcome, CreatedAt = DateTimeOffset.UnixEpoch },
            ],
            RunId = run,
            Attempt = attempt,
            Outcome = outcome,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };

    protected static HistoryMessage Message(string id, ChatRole role, string? text = null) =>
        new()
        {
            Id = id,
            Origin = role == ChatRole.User ? MessageOrigin.Input : MessageOrigin.Output,
            Message = new ChatMessage(role, text ?? $"text of {id}"),
        };

    protected static SessionSave Save(SessionKey session, long version, SessionRecord? previous = null, string? run = null, params CoveredAppend[] appends)
    {
        var record = previous ?? new SessionRecord
        {
            Key = session,
            Version = 0,
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
        };
        return new SessionSave
        {
            Session = record with { Version = version, LastRunId = run },
            ExpectedVersion = version - 1,
            Previous = previous,
            Run = run is null ? null : new RunRecord
            {
                Id = run,
                Session = session,
                Agent = "assistant",
                Status = RunStatus.Completed,
                CreatedAt = DateTimeOffset.UnixEpoch,
            },
            Appends = appends,
        };
    }

    protected static async Task<string> LoadAsync(SqliteHistory history, SessionKey? session = null, int limit = 50) =>
        string.Join(' ', (await history.LoadAsync(new HistoryQuery { Session = session ?? Session, Limit = limit, Order = ListOrder.Descending }, None)).Items.Reverse().Select(m => m.Id));

    protected static async Task<SessionRecord?> FindAsync(SqliteSessions sessions, SessionKey key) =>
        (await sessions.FindSessionsAsync(new SessionQuery { Tenant = key.Tenant, Id = key.Id }, None)).Items.SingleOrDefault();

    /// <summary>Opens a separate database with a short busy timeout.</summary>
    internal Database Open(string file = "own.db", TimeSpan? busyTimeout = null, ILogger? logger = null) =>
        new Database(Path.Combine(Folder.Store, file), logger ?? NullLogger.Instance) { BusyTimeout = busyTimeout ?? TimeSpan.FromMilliseconds(20) }.Open();

    /// <summary>Opens a connection as another program does.</summary>
    protected static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    protected static object? QueryScalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
