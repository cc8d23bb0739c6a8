using System.Diagnostics;
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
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;
using PluginHost.Telemetry;
using PluginHost.Telemetry.Metrics;

namespace PluginHost.Benchmarks.Runs;

/// <summary>The host's engine with no-op plugins, the in-memory history (a window of 50) and the in-memory session store.</summary>
/// <param name="plugins">The number of plugins: alternately run middleware, context provider and function middleware.</param>
/// <param name="streamed">True reads all events. False only awaits completion.</param>
/// <param name="observed">True records every span.</param>
/// <param name="observer">Replaces the host's telemetry observer. The caller keeps ownership. Null for the host's observer.</param>
/// <param name="window">How many messages a run loads at most; null for the default.</param>
/// <param name="contextTokens">How many tokens the model takes; null when that is not known.</param>
/// <param name="chunks">The number of chunks of a streamed answer.</param>
internal sealed class HostRun(
    int plugins, bool streamed = false, bool observed = false, HostObserver? observer = null, int? window = null, int? contextTokens = null, int chunks = 2) : IRunContestant
{
    private const string Tenant = "benchmark";
    private ServiceProvider? _services;
    private ActivityListener? _listener;
    private RunEngine _engine = null!;
    private RunCommand[] _commands = [];

    public string Name => $"host, {plugins} plugins{(streamed ? ", streamed" : "")}{(observed ? ", traced" : "")}{NameOfLoading}";

    private string NameOfLoading => (window, contextTokens) switch
    {
        (null, _) => "",
        (_, null) => ", loads by count",
        _ => ", loads by tokens",
    };

    public async Task PrepareAsync(int historyLength, int sessions)
    {
        await DisposeAsync();
        if (observed) _listener = AddSpanListener();
        _services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<TelemetryInstruments>()
            .AddSingleton<HostObserver>(s => observer ?? new TelemetryObserver(s.GetRequiredService<TelemetryInstruments>(), TimeProvider.System, false))
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSessions()
            .BuildServiceProvider();
        var history = new InMemoryHistory();
        var caller = _services.GetRequiredService<PluginCaller>();
        var builder = new ChainBuilder(caller, NullLogger.Instance);
        var chain = builder.Build(
            new AgentConfiguration("assistant") { Instructions = "Be brief.", Model = new ModelConfiguration { ContextTokens = contextTokens } },
            [.. HistoryWithWindow(history), .. Enumerable.Range(0, plugins).Select(CreatePlugin)], new StubChatClient(chunks), history);
        await _services.GetRequiredService<ChainHolder>().SwapAsync(
            new ChainSet(new SessionsConfiguration(), [chain], new SessionStoreClient(PluginInstance.FromHost("in-memory", new InMemorySessions()), caller), [], [], NullLogger.Instance), TimeSpan.Zero);
        _engine = _services.GetRequiredService<RunEngine>();

        // All sessions share one set of messages, as in PeerRun.
        var messages = Conversation.Create(historyLength)
            .Select((m, i) => new HistoryMessage { Id = $"m{i}", Origin = i % 2 == 0 ? MessageOrigin.Input : MessageOrigin.Output, Message = m }).ToList();
        _commands = new RunCommand[sessions];
        for (var i = 0; i < sessions; i++)
        {
            _commands[i] = new RunCommand { Tenant = Tenant, SessionId = $"s{i}", Input = [new(Microsoft.Extensions.AI.ChatRole.User, Conversation.Input)] };
            await history.AppendAsync(new HistoryAppend { Session = new(Tenant, $"s{i}"), Messages = messages }, CancellationToken.None);
        }
    }

    public async Task RunAsync(int session)
    {
        var run = await _engine.StartAsync(_commands[session], CancellationToken.None);
        if (streamed)
        {
            await foreach (var runEvent in run.ReadEventsAsync(0, CancellationToken.None)) _ = runEvent;
        }

        var record = await run.Completion;
        if (record.Status != RunStatus.Completed) throw new InvalidOperationException($"The run ended with status {record.Status}: {record.Error?.Message}");
    }

    public async ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        if (_services is not null) await _services.DisposeAsync();
        (_listener, _services) = (null, null);
    }

    private IEnumerable<PluginInstance> HistoryWithWindow(InMemoryHistory history) =>
        window is { } most ? [new PluginInstance(new PluginEntry { Plugin = "history", Host = new EntrySettings { Window = most } }, "1.0.0", history)] : [];

    private static ActivityListener AddSpanListener()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("PluginHost", StringComparison.Ordinal),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static PluginInstance CreatePlugin(int index)
    {
        var name = $"no-op-{index}";
        object plugin = (index % 3) switch { 0 => new NoOpRunMiddleware(), 1 => new NoOpContextProvider(), _ => new NoOpFunctionMiddleware() };
        return new PluginInstance(new PluginEntry { Plugin = name, Index = index }, "1.0.0", plugin);
    }

    private sealed class NoOpRunMiddleware : IRunMiddleware
    {
        public ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken) => next(request, cancellationToken);
    }

    private sealed class NoOpContextProvider : IContextProvider
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);
    }

    private sealed class NoOpFunctionMiddleware : IFunctionMiddleware
    {
        public ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken) =>
            next(invocation, cancellationToken);
    }
}
