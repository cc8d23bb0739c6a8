using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Plugin code that blocks its thread outside of a provider's calls: it is timed out, and holds nothing up.</summary>
public sealed class BlockedPluginTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly PluginCallScheduler _scheduler = new(NullLogger.Instance);
    private readonly PluginCaller _caller;
    private readonly Blocking _blocking = new();

    public BlockedPluginTests() => _caller = new PluginCaller(HostObserver.None, TimeProvider.System, _scheduler);

    [Fact]
    public async Task A_session_store_that_blocks_is_timed_out_and_named()
    {
        var store = new SessionStoreClient(Plugin(_blocking, "blocking-sessions", e => e with { Timeout = Timeout }), _caller);

        var error = await Assert.ThrowsAsync<SessionStoreException>(() => store.FindAsync(Key("s"), default).AsTask().WaitAsync(Patience));

        Assert.Equal("The session store 'blocking-sessions' did not answer within 00:00:00.3000000 (Sessions:Store:Host:Timeout).", error.Message);
    }

    [Fact]
    public async Task A_plugin_that_blocks_32_threads_gets_no_more()
    {
        var plugin = Plugin(_blocking, "blocking-sessions", e => e with { Timeout = Timeout });
        plugin.Threads.Lose(HostOperation.SessionLoad.Index);
        var store = new SessionStoreClient(plugin, _caller);
        Task<SessionStoreException> FailAsync() => Assert.ThrowsAsync<SessionStoreException>(() => store.FindAsync(Key("s"), default).AsTask().WaitAsync(Patience));
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => FailAsync()));

        var refused = await FailAsync();

        Assert.Contains("32 calls of it block their threads already.", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_middleware_that_blocks_while_it_wraps_fails_the_run_or_is_skipped()
    {
        using var model = ScriptedModel.Saying("ok");
        var run = new RunContext(Command("s", "hi"), new RunHandle(Record, null, cancelOnDisconnect: false), null!, null!);
        var failing = Plugin(_blocking, "failing", e => e with { Timeout = Timeout });
        var skipped = Plugin(_blocking, "skipped", e => e with { Timeout = Timeout, OnError = PluginHost.Engine.Configuration.Model.OnError.Skip });

        var error = await Assert.ThrowsAsync<PluginException>(() => WrapAsync(failing).AsTask().WaitAsync(Patience));
        var client = await WrapAsync(skipped).AsTask().WaitAsync(Patience);

        Assert.True(error.TimedOut);
        Assert.Same(model, client);
        Assert.Equal(["skipped"], run.Skipped);

        ValueTask<IChatClient> WrapAsync(PluginInstance plugin) =>
            ChatMiddlewareClient.WrapAsync(plugin, model, null!, run, _caller, CancellationToken.None);
    }

    [Fact]
    public async Task Disposal_that_blocks_ends_with_the_deadline_and_is_reported()
    {
        var failed = new List<string>();
        var deadline = new Deadline(TimeProvider.System, Timeout);

        await PluginLifetime.DisposeAsync([Plugin(_blocking, "one"), Plugin(_blocking, "two")], deadline, _caller, (p, _) => failed.Add(p.SourceId)).WaitAsync(Patience);
        await PluginLifetime.DisposeAsync(_blocking, deadline, TimeProvider.System, _ => failed.Add("client")).WaitAsync(Patience);

        Assert.Equal(["two", "one", "client"], failed);
    }

    public void Dispose()
    {
        _blocking.Release();
        _scheduler.Dispose();
    }

    private static RunRecord Record => new()
    {
        Id = "r",
        Session = Key("s"),
        Agent = "assistant",
        Status = RunStatus.Queued,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private sealed class Blocking : ISessionStore, IChatMiddleware, IDisposable
    {
        private readonly TaskCompletionSource _released = new();

        public void Release() => _released.TrySetResult();

        public ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken) => new(Block(inner));

        public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
            new(Block(new Page<SessionRecord> { Items = [], HasMore = false }));

        public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose() => Block(true);

        private T Block<T>(T result)
        {
            _released.Task.Wait();
            return result;
        }
    }
}
