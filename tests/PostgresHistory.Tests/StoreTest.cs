using PluginHost.Postgres.Tests.Server;

namespace PluginHost.Postgres.Tests;

/// <summary>Creates histories and session stores in one schema of a server, as a host does.</summary>
public abstract class StoreTest : IAsyncLifetime
{
    private readonly Stack<TestPluginContext> _contexts = new();
    private TestPluginContext _host = new();

    protected static CancellationToken None => CancellationToken.None;

    protected static SessionKey Session { get; } = new("default", "s1");

    /// <summary>A schema that no other test uses.</summary>
    protected string Schema { get; } = $"t{Guid.NewGuid():n}"[..20];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => CloseAsync();

    /// <summary>Closes all plugins, as a stopping host does.</summary>
    protected async Task CloseAsync()
    {
        while (_contexts.TryPop(out var context)) await context.DisposeAsync();
        await _host.DisposeAsync();
        _host = new();
    }

    protected TestPluginContext Context(string name = "postgres-history", bool isOtherHost = false)
    {
        var context = new TestPluginContext(name, sharedWith: isOtherHost ? null : _host);
        _contexts.Push(context);
        return context;
    }

    protected PostgresOptions Options(string connectionString) => new(new Secret(connectionString), Schema);

    protected PostgresHistory History(string connectionString, bool isOtherHost = false) => new(Options(connectionString), Context(isOtherHost: isOtherHost));

    protected PostgresSessions Sessions(string connectionString, bool isOtherHost = false) =>
        new(Options(connectionString), Context("postgres-sessions", isOtherHost));

    /// <summary>The store of a host with a lease. Each host has separate fences; the host <c>first</c> shares them with the histories of the test.</summary>
    private protected async Task<PostgresSessions> JoinAsync(PostgresServer server, string id)
    {
        var sessions = Sessions(server.ConnectionString, isOtherHost: id != "first");
        await RenewAsync(sessions, id);
        return sessions;
    }

    protected static ValueTask<IReadOnlyList<HostLease>> RenewAsync(PostgresSessions sessions, string id) => sessions.RenewAsync(Describe(id), None);

    protected static HostDescription Describe(string id) => new() { Id = id, Name = id, Version = "1", StartedAt = DateTimeOffset.UnixEpoch };

    private protected static async Task<(PostgresServer Server, CuttingProxy Proxy, string ConnectionString)> ConnectThroughProxyAsync()
    {
        var server = await SharedServer.GetAsync();
        var proxy = new CuttingProxy(server.Port);
        return (server, proxy, PostgresServer.ConnectTo(proxy.Port));
    }

    protected static HistoryAppend Append(string run, string text = "hello") => new()
    {
        Session = Session,
        RunId = run,
        Messages =
        [
            new() { Id = $"{run}.in", Origin = MessageOrigin.Input, RunId = run, Message = new ChatMessage(ChatRole.User, text) },
            new() { Id = $"{run}.out", Origin = MessageOrigin.Output, RunId = run, Message = new ChatMessage(ChatRole.Assistant, text) },
        ],
    };

    /// <summary>The save of a run that completes on a session, with its messages.</summary>
    protected static SessionSave Save(long version, string run, params CoveredAppend[] appends) => new()
    {
        Session = Record(version) with { LastRunId = run },
        ExpectedVersion = version - 1,
        Run = new RunRecord { Id = run, Session = Session, Agent = "assistant", Status = RunStatus.Completed, CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(version) },
        Appends = appends,
    };

    protected static SessionRecord Record(long version) =>
        new() { Key = Session, Version = version, CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch.AddSeconds(version) };

    protected static async Task<string> MessagesAsync(PostgresHistory history) =>
        string.Join(' ', (await history.LoadAsync(new HistoryQuery { Session = Session, Limit = 1000 }, None)).Items.Select(m => m.Id));

    protected static async Task<string> RunsAsync(PostgresSessions sessions) => string.Join(
        ' ', (await sessions.FindRunsAsync(new RunQuery { Tenant = Session.Tenant, SessionId = Session.Id, Limit = 1000 }, None)).Items.Select(r => r.Id));

    protected static async Task<SessionRecord?> FindAsync(PostgresSessions sessions) =>
        (await sessions.FindSessionsAsync(new SessionQuery { Tenant = Session.Tenant, Id = Session.Id }, None)).Items.SingleOrDefault();
}
