using System.Text.Json;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Engine.Users;

namespace PluginHost.Sdk.Testing;

/// <summary>The engine around the plugins of a test.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    public const string Tenant = "default";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly TestLog _log = new();
    private readonly SpanRecorder _spans = new();
    private readonly ServiceProvider _services;
    private readonly IReadOnlyList<PluginInstance> _plugins;
    private IChatClient _model = null!;

    private TestHost(IReadOnlyList<object> plugins, IReadOnlyList<TestPluginContext> contexts, TimeProvider time)
    {
        _plugins = [.. plugins.Select((plugin, i) =>
            new PluginInstance(new PluginEntry { Plugin = PluginNames.Find(plugin), Index = i }, "test", plugin, beginStop: BeginStop))];
        // A call would otherwise move to another thread after real time, which a test that sets the clock does not give.
        foreach (var plugin in _plugins) plugin.Threads.GainAll();
        _services = new ServiceCollection()
            .AddSingleton(time)
            .AddSingleton<HostObserver>(_spans)
            .AddLogging(logging => logging.AddProvider(_log).SetMinimumLevel(LogLevel.Debug))
            .AddSessions()
            .BuildServiceProvider();

        void BeginStop()
        {
            foreach (var context in contexts) context.BeginStop();
        }
    }

    private PluginCaller Caller => _services.GetRequiredService<PluginCaller>();

    private SessionService Sessions => _services.GetRequiredService<SessionService>();

    private UserService Users => _services.GetRequiredService<UserService>();

    public static async Task<TestHost> StartAsync(
        IReadOnlyList<object> plugins, IReadOnlyList<TestPluginContext> contexts, IChatClient? model, string? instructions, TimeProvider time)
    {
        var host = new TestHost(plugins, contexts, time);
        List<PluginInstance> started = [];
        try
        {
            foreach (var plugin in host._plugins)
            {
                await PluginLifetime.StartAsync(plugin, host.Caller, CancellationToken.None);
                started.Add(plugin);
            }

            host._model = model ?? await host.CreateModelAsync();
            host.BuildChain(instructions);
            return host;
        }
        catch (Exception e)
        {
            var deadline = new Deadline(TimeProvider.System, StopTimeout);
            await PluginLifetime.StopAsync(started, deadline, host.Caller, static (_, _) => { });
            await PluginLifetime.DisposeAsync(host._plugins, deadline, host.Caller, static (_, _) => { });
            await host._services.DisposeAsync();
            if (e is not PluginException) throw;
            throw new InvalidOperationException($"A plugin did not start: {e.InnerException?.Message ?? e.Message}", e.InnerException ?? e);
        }
    }

    public async Task<TestRun> RunAsync(RunCommand command, bool streamed, CancellationToken cancellationToken)
    {
        var (logged, sent) = (_log.Entries.Count, (_model as ModelScript)?.Requests.Count ?? 0);
        _spans.Take();
        var handle = await _services.GetRequiredService<RunEngine>().StartAsync(command, CancellationToken.None);
        await using var cancelling = cancellationToken.Register(handle.Cancel);
        List<ChatResponseUpdate> updates = [];
        if (streamed)
        {
            await foreach (var next in handle.ReadEventsAsync(0, CancellationToken.None))
            {
                if (next is RunEvent.Updated updated) updates.Add(updated.Update);
            }
        }

        var record = await handle.Completion;
        // The completion continues on the run's thread, which a test that blocks would hold.
        await Task.Yield();
        var session = await Sessions.GetAsync(record.Session, CancellationToken.None);
        return new()
        {
            Text = streamed ? string.Concat(updates.Select(u => u.Text)) : string.Concat(record.Output.Where(m => m.Role == ChatRole.Assistant).Select(m => m.Text)),
            Outcome = record.Status switch
            {
                RunStatus.Failed => RunOutcome.Failed,
                RunStatus.Cancelled => RunOutcome.Cancelled,
                _ => RunOutcome.Completed,
            },
            ErrorType = record.Error?.Type,
            ErrorMessage = record.Error?.Message,
            Skipped = record.Skipped,
            Updates = updates,
            Requests = [.. ((_model as ModelScript)?.Requests ?? []).Skip(sent)],
            Stored = [.. (await Sessions.ReadMessagesAsync(record.Session, null, CancellationToken.None)).Select(m => m.Message)],
            State = session.State,
            Logs = [.. _log.Entries.Skip(logged)],
            Spans = _spans.Take(),
        };
    }

    public async Task<IReadOnlyDictionary<string, int>> DeleteSessionAsync(string session) =>
        (await Sessions.DeleteAsync(new SessionKey(Tenant, session), CancellationToken.None)).ToDictionary(r => r.Plugin, r => r.Removed);

    /// <exception cref="ProblemException">A plugin failed.</exception>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<JsonElement>>> ReadUserAsync(UserKey user) =>
        (await Users.ReadAsync(user, CancellationToken.None)).GroupBy(k => k.Plugin).ToDictionary(g => g.Key, IReadOnlyList<JsonElement> (g) => [.. g.SelectMany(k => k.Items)]);

    /// <exception cref="ProblemException">A plugin failed.</exception>
    public async Task<IReadOnlyDictionary<string, int>> DeleteUserAsync(UserKey user) =>
        (await Users.DeleteAsync(user, CancellationToken.None)).ToDictionary(r => r.Plugin, r => r.Removed);

    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<ChainHolder>().StopAsync(new Deadline(TimeProvider.System, StopTimeout));
        await _services.DisposeAsync();
    }

    private async ValueTask<IChatClient> CreateModelAsync()
    {
        if (_plugins.FirstOrDefault(p => p.ChatClientFactory is not null) is not { } plugin) return ScriptedModel.Say("ok");
        return await Caller.CallUnobservedAsync(
            new PluginCall(plugin, HostOperation.ClientCreate),
            (Factory: plugin.ChatClientFactory!, Request: new ChatClientRequest { Agent = TestChain.AgentName }),
            static (s, ct) => s.Factory.CreateAsync(s.Request, ct),
            CancellationToken.None);
    }

    private void BuildChain(string? instructions)
    {
        var logger = _services.GetRequiredService<ILoggerFactory>().CreateLogger("PluginHost.Engine");
        var agent = new AgentConfiguration(TestChain.AgentName) { Instructions = instructions };
        var inChain = _plugins.Where(p => p.Kinds.Any(k => k.Place == Engine.Plugins.Catalog.PluginPlace.Chain)).ToList();
        var store = _plugins.FirstOrDefault(p => p.SessionStore is not null) ?? PluginInstance.FromHost("in-memory-sessions", new InMemorySessions());
        var set = new ChainSet(
            new SessionsConfiguration(),
            [new ChainBuilder(Caller, logger).Build(agent, inChain, _model, new InMemoryHistory())],
            new SessionStoreClient(store, Caller),
            _plugins,
            [_model],
            logger);
        _services.GetRequiredService<ChainHolder>().SwapAsync(set, TimeSpan.Zero);
    }
}
