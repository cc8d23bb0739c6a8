using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Runs.Replay;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Hosts;
using PluginHost.Engine.Sessions.Retention;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Engine.Users;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>The real engine around plugins that a test brings.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly SessionsConfiguration _settings;

    public TestEngine(
        IChatClient model,
        IReadOnlyList<PluginInstance> plugins,
        SessionsConfiguration? settings = null,
        TimeProvider? time = null,
        ISessionStore? store = null,
        AgentConfiguration? agent = null,
        HostObserver? observer = null,
        ILoggerProvider? logs = null,
        ExplainConfiguration? explain = null)
        : this([(agent ?? new AgentConfiguration("assistant"), model, plugins)], settings, time, store, observer, logs, explain)
    {
    }

    public TestEngine(
        IReadOnlyList<(AgentConfiguration Agent, IChatClient Model, IReadOnlyList<PluginInstance> Plugins)> agents,
        SessionsConfiguration? settings = null,
        TimeProvider? time = null,
        ISessionStore? store = null,
        HostObserver? observer = null,
        ILoggerProvider? logs = null,
        ExplainConfiguration? explain = null)
    {
        _services = new ServiceCollection()
            .AddSingleton(explain ?? new ExplainConfiguration { Enabled = false })
            .AddSingleton(time ?? TimeProvider.System)
            .AddSingleton(observer ?? HostObserver.None)
            .AddSingleton(logs is null ? NullLoggerFactory.Instance : LoggerFactory.Create(logging => logging.AddProvider(logs)))
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddSessions()
            .BuildServiceProvider();
        // A hop to another thread takes real time, which tests that set the clock do not give.
        foreach (var plugin in agents.SelectMany(a => a.Plugins)) plugin.Threads.GainAll();
        Store = store ?? new InMemorySessions();
        _settings = settings ?? new SessionsConfiguration();
        Set = Build(agents);
        Chains.SwapAsync(Set, TimeSpan.Zero);
    }

    /// <summary>The history that is added when the plugins have none that loads.</summary>
    public InMemoryHistory History { get; } = new();

    public ISessionStore Store { get; }

    public ChainSet Set { get; }

    public ChainHolder Chains => _services.GetRequiredService<ChainHolder>();

    public PluginCaller Caller => _services.GetRequiredService<PluginCaller>();

    public SessionClaims Claims => _services.GetRequiredService<SessionClaims>();

    public LiveRuns Live => _services.GetRequiredService<LiveRuns>();

    public RunEngine Engine => _services.GetRequiredService<RunEngine>();

    public SessionService Sessions => _services.GetRequiredService<SessionService>();

    public UserService Users => _services.GetRequiredService<UserService>();

    public WouldBeRuns WouldBe => _services.GetRequiredService<WouldBeRuns>();

    public HostMembership Hosts => _services.GetRequiredService<HostMembership>();

    public SessionRetention Retention => _services.GetRequiredService<SessionRetention>();

    public HostReadiness Readiness => _services.GetRequiredService<HostReadiness>();

    public static SessionKey Key(string id) => new("default", id);

    public static RunCommand Command(string session, string text) => new()
    {
        Tenant = "default",
        SessionId = session,
        Input = [new ChatMessage(ChatRole.User, text)],
    };

    /// <summary>Another set of chains for the same sessions.</summary>
    public ChainSet Build(IChatClient model, IReadOnlyList<PluginInstance> plugins, SessionsConfiguration? settings = null) =>
        Build([(new AgentConfiguration("assistant"), model, plugins)], settings);

    public async Task<RunRecord> RunAsync(RunCommand command)
    {
        var handle = await Engine.StartAsync(command, CancellationToken.None);
        return await handle.Completion.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public Task<RunRecord> RunAsync(string session, string text) => RunAsync(Command(session, text));

    /// <summary>What the first agent's history holds, as <c>role: text</c>.</summary>
    public async Task<IReadOnlyList<string>> StoredAsync(string session, bool includeFailed = false)
    {
        var history = Set.Chains[0].LoadingHistory.History!;
        var page = await history.LoadAsync(new HistoryQuery { Session = Key(session), Limit = 1000, IncludeFailed = includeFailed }, CancellationToken.None);
        return page.Items.Select(m => $"{m.Message.Role}: {Describe(m.Message)}").ToList();
    }

    public static string Describe(ChatMessage message) => string.Concat(message.Contents.Select(c => c switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => $"<{call.Name}>",
        FunctionResultContent result => $"[{result.Result}]",
        _ => c.GetType().Name,
    }));

    public static PluginInstance Plugin(object plugin, string name, Func<EntrySettings, EntrySettings>? change = null)
    {
        var entry = new PluginEntry { Plugin = name };
        return new PluginInstance(change is null ? entry : entry with { Host = change(entry.Host) }, "1.0.0", plugin);
    }

    /// <summary>Another set with other agents.</summary>
    public ChainSet Build(
        IReadOnlyList<(AgentConfiguration Agent, IChatClient Model, IReadOnlyList<PluginInstance> Plugins)> agents, SessionsConfiguration? settings = null)
    {
        var caller = _services.GetRequiredService<PluginCaller>();
        var builder = new ChainBuilder(caller, NullLogger.Instance);
        return new ChainSet(
            settings ?? _settings,
            [.. agents.Select(a => builder.Build(a.Agent, a.Plugins, a.Model, History))],
            new SessionStoreClient(PluginInstance.FromHost("test-sessions", Store), caller, Claims),
            [.. agents.SelectMany(a => a.Plugins)],
            [],
            NullLogger.Instance);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
