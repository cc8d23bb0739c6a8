using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Retention;
using PluginHost.Sdk;
using PluginHost.Tests.Engine.Approvals;
using PluginHost.Tests.Engine.Journal;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Idle sessions go by themselves, and nothing else does.</summary>
public sealed class RetentionTests
{
    private readonly NoPauses _time = new();

    [Fact]
    public async Task A_session_stays_while_its_run_waits_for_an_approval_until_that_run_is_idle_too()
    {
        await using var host = new ApprovalHost { Host = new JournaledHost { Time = _time } };
        var engine = host.Start(new ScriptedModel(_ => ScriptedModel.Say("hello"), ApprovalHost.Pay()), Days(30));
        await engine.RunAsync("s", "hi");
        _time.Advance(TimeSpan.FromDays(29));
        await engine.RunAsync("s", "pay");
        _time.Advance(TimeSpan.FromDays(2));

        await engine.Retention.PassAsync(default);
        Assert.Single(await SessionsAsync(engine));

        _time.Advance(TimeSpan.FromDays(29));
        await engine.Retention.PassAsync(default);
        Assert.Empty(await SessionsAsync(engine));
    }

    [Fact]
    public async Task Idle_sessions_of_every_tenant_go_from_every_plugin_in_batches_and_others_stay()
    {
        var history = new InMemoryHistory();
        await using var engine = Engine(Days(30, batch: 2), [Plugin(history, "h")]);
        foreach (var tenant in (string[])["a", "b"])
        {
            for (var i = 0; i < 3; i++) await engine.RunAsync(Command($"old{i}", "hi") with { Tenant = tenant });
        }

        _time.Advance(TimeSpan.FromDays(20));
        await engine.RunAsync(Command("new", "hi") with { Tenant = "a" });
        await engine.RunAsync(Command("old1", "again") with { Tenant = "b" });
        _time.Advance(TimeSpan.FromDays(11));

        Assert.Equal(7, (await SessionsAsync(engine)).Count);
        await engine.Retention.PassAsync(default);

        Assert.Equal(["b/old1", "a/new"], await SessionsAsync(engine));
        var left = await history.LoadAsync(new HistoryQuery { Session = new("a", "old0"), Limit = 10 }, default);
        Assert.Empty(left.Items);
        Assert.Equal(2, (await history.LoadAsync(new HistoryQuery { Session = new("a", "new"), Limit = 10 }, default)).Items.Count);
    }

    [Fact]
    public async Task A_session_with_a_run_in_it_stays_and_the_run_is_stored()
    {
        var hanging = new Hanging();
        var model = new ScriptedModel(_ => ScriptedModel.Say("first"), call => SayWhenReleased(hanging, call.Cancellation));
        await using var engine = new TestEngine(model, [], Days(1), _time);
        await engine.RunAsync("s", "hi");
        _time.Advance(TimeSpan.FromDays(2));
        var running = await engine.Engine.StartAsync(Command("s", "more"), default);
        await hanging.Entered;

        await engine.Retention.PassAsync(default);
        hanging.LetGo();

        Assert.Equal(RunStatus.Completed, (await running.Completion).Status);
        Assert.Equal(["user: hi", "assistant: first", "user: more", "assistant: late"], await engine.StoredAsync("s"));
    }

    [Fact]
    public async Task A_clock_that_jumps_forward_deletes_nothing_until_the_jump_has_lasted_for_a_day()
    {
        await using var engine = Engine(Days(30), []);
        await engine.RunAsync("s", "hi");
        await engine.Retention.PassAsync(default);

        _time.Jump = TimeSpan.FromDays(400);
        await engine.Retention.PassAsync(default);
        _time.Advance(TimeSpan.FromHours(23));
        await engine.Retention.PassAsync(default);
        Assert.Single(await SessionsAsync(engine));

        _time.Advance(TimeSpan.FromHours(2));
        await engine.Retention.PassAsync(default);
        Assert.Empty(await SessionsAsync(engine));
    }

    [Fact]
    public async Task One_session_that_cannot_be_deleted_does_not_keep_the_others_and_goes_later()
    {
        var cache = new Cache { Refuses = "s0" };
        await using var engine = Engine(Days(1, batch: 1), [Plugin(cache, "cache")]);
        for (var i = 0; i < 4; i++) await engine.RunAsync($"s{i}", "hi");
        _time.Advance(TimeSpan.FromDays(2));

        await engine.Retention.PassAsync(default);
        var after = await SessionsAsync(engine);
        cache.Refuses = "";
        await engine.Retention.PassAsync(default);

        Assert.Equal(["default/s0"], after);
        Assert.Empty(await SessionsAsync(engine));
    }

    [Fact]
    public async Task Sessions_of_a_batch_are_deleted_at_the_same_time_so_that_a_store_can_make_them_durable_together()
    {
        var together = new Together(4);
        await using var engine = Engine(Days(1), [Plugin(together, "together")]);
        for (var i = 0; i < 4; i++) await engine.RunAsync($"s{i}", "hi");
        _time.Advance(TimeSpan.FromDays(2));

        await engine.Retention.PassAsync(default).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Empty(await SessionsAsync(engine));
    }

    [Fact]
    public async Task Nothing_is_deleted_unless_configured_and_a_reload_changes_that()
    {
        await using var engine = Engine(new SessionsConfiguration(), []);
        await engine.RunAsync("s", "hi");
        using var service = new RetentionService(engine.Retention, engine.Chains, engine.Hosts, _time, NullLogger<RetentionService>.Instance);
        await service.StartAsync(default);
        _time.Advance(TimeSpan.FromDays(5000));
        await engine.Retention.PassAsync(default);
        Assert.Single(await SessionsAsync(engine));

        // Its calls take real time, and a minute of the clock passes with every look: they must not be timed out.
        var deleted = Plugin(new Cache(), "cache", entry => entry with { Timeout = TimeSpan.FromDays(40) });
        await engine.Chains.SwapAsync(engine.Build(ScriptedModel.Saying("ok"), [deleted], Days(1)), TimeSpan.Zero);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await SessionsAsync(engine)).Count > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(RetentionService.Look);
            await Task.Yield();
        }

        await service.StopAsync(default);
    }

    private TestEngine Engine(SessionsConfiguration settings, IReadOnlyList<PluginInstance> plugins) =>
        new(ScriptedModel.Saying("ok"), plugins, settings, _time);

    private static SessionsConfiguration Days(int days, int batch = 100) => new()
    {
        RunTimeout = TimeSpan.FromDays(40),
        Retention = new RetentionConfiguration { IdleFor = TimeSpan.FromDays(days), BatchSize = batch },
    };

    private static async Task<List<string>> SessionsAsync(TestEngine engine)
    {
        var page = await engine.Store.FindSessionsAsync(new SessionQuery { Tenant = "", AllTenants = true, Limit = 100 }, default);
        return [.. page.Items.Select(s => $"{s.Key.Tenant}/{s.Key.Id}")];
    }

    private static async IAsyncEnumerable<Microsoft.Extensions.AI.ChatResponseUpdate> SayWhenReleased(
        Hanging hanging, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await hanging.ForeverAsync().WaitAsync(cancellationToken);
        yield return new(Microsoft.Extensions.AI.ChatRole.Assistant, "late");
    }

    private sealed class Cache : ISessionCleanup, IContextProvider
    {
        public string Refuses { get; set; } = "";

        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);

        public ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken)
        {
            if (session.Id == Refuses) throw new IOException("locked");
            return new(1);
        }
    }

    /// <summary>Data that is deleted when several sessions are being deleted.</summary>
    private sealed class Together(int sessions) : ISessionCleanup, IContextProvider
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _deleting;

        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);

        public async ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _deleting) == sessions) _all.SetResult();
            await _all.Task;
            return 1;
        }
    }

    /// <summary>Time that does not pass by itself: a batch takes none, and neither does the pause after it.</summary>
    private sealed class NoPauses : FakeTimeProvider
    {
        /// <summary>How far the clock is ahead of the time that has passed.</summary>
        public TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
