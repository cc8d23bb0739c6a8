using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Deleting a session reaches everything that keeps something of it.</summary>
public sealed class DeletionTests
{
    [Fact]
    public async Task Every_plugin_of_every_chain_is_reached_and_says_what_it_removed()
    {
        var shared = new InMemoryHistory();
        var audit = new InMemoryHistory();
        var cache = new Cache();
        await using var engine = new TestEngine(
        [
            (new AgentConfiguration("one"), ScriptedModel.Saying("ok"), [Plugin(shared, "h"), Plugin(audit, "audit", e => e with { Load = false })]),
            (new AgentConfiguration("two"), ScriptedModel.Saying("ok"), [Plugin(shared, "h"), Plugin(cache, "cache")]),
        ]);
        await engine.RunAsync(Command("s", "hi") with { Agent = "one" });
        await engine.RunAsync(Command("s", "more") with { Agent = "two" });
        await engine.RunAsync(Command("other", "hi") with { Agent = "one" });

        var removed = await engine.Sessions.DeleteAsync(Key("s"), default);

        Assert.Equal(
            ["h history-provider 4", "audit history-provider 2", "cache session-data 3", "test-sessions session-store 3"],
            removed.Select(r => $"{r.Plugin} {r.Kind} {r.Removed}"));
        Assert.Equal(404, (await Refused(() => engine.Sessions.GetAsync(Key("s"), default))).Status);
        Assert.Equal(2, (await engine.StoredAsync("other")).Count);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_delete_cancels_runs_and_a_later_run_begins_a_new_session(bool queues, bool existed)
    {
        var hanging = new Hanging();
        var model = new ScriptedModel(call => SayThenWait(hanging, call.Cancellation), _ => ScriptedModel.Say("fresh"));
        await using var engine = new TestEngine(model, [], new SessionsConfiguration { Busy = queues ? BusyPolicy.Queue : BusyPolicy.Reject });
        if (existed) await engine.Sessions.CreateAsync(new NewSession("default") { Id = "s", Messages = [new(ChatRole.User, "seed")] }, default);
        var running = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await hanging.Entered;

        await engine.Sessions.DeleteAsync(Key("s"), default);
        var run = await engine.RunAsync("s", "again");

        Assert.Equal(RunStatus.Cancelled, (await running.Completion).Status);
        Assert.Null(engine.Engine.FindLive(Key("s"), running.Record.Id));
        Assert.Equal(404, (await Refused(() => engine.Engine.GetRunAsync(Key("s"), running.Record.Id, default))).Status);
        Assert.Equal(["user: again"], model.Sent(1));
        Assert.Equal("fresh", run.Output.Single().Text);
        Assert.Equal(1, (await engine.Sessions.GetAsync(Key("s"), default)).Version);
    }

    [Fact]
    public async Task A_store_that_names_its_trouble_makes_the_deletion_a_503_with_the_cause()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(new FullHistory(), "h")]);
        await engine.RunAsync("s", "hi");

        var refused = await Refused(() => engine.Sessions.DeleteAsync(Key("s"), default));

        Assert.Equal((503, "storage-unavailable"), (refused.Status, refused.Type.Slug));
        Assert.Contains("The disk is full.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await engine.Sessions.GetAsync(Key("s"), default)).Version);
    }

    [Fact]
    public async Task A_plugin_that_fails_is_named_once_and_the_record_stays_for_another_try()
    {
        var cache = new Cache { Fails = true };
        var history = new InMemoryHistory();
        await using var engine = new TestEngine(
        [
            (new AgentConfiguration("one"), ScriptedModel.Saying("ok"), [Plugin(cache, "cache"), Plugin(history, "h")]),
            (new AgentConfiguration("two"), ScriptedModel.Saying("ok"), [Plugin(cache, "cache"), Plugin(history, "h")]),
        ]);
        await engine.RunAsync(Command("s", "hi") with { Agent = "one" });

        var refused = await Refused(() => engine.Sessions.DeleteAsync(Key("s"), default));
        var kept = await engine.Sessions.GetAsync(Key("s"), default);
        cache.Fails = false;
        await engine.Sessions.DeleteAsync(Key("s"), default);

        Assert.Equal((500, "delete-incomplete"), (refused.Status, refused.Type.Slug));
        Assert.Contains("removed: cache failed", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, kept.Version);
        Assert.Equal(404, (await Refused(() => engine.Sessions.GetAsync(Key("s"), default))).Status);
    }

    [Fact]
    public async Task A_session_that_is_not_there_is_not_found()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);

        Assert.Equal(404, (await Refused(() => engine.Sessions.DeleteAsync(Key("s"), default))).Status);
    }

    private static Task<ProblemException> Refused<T>(Func<ValueTask<T>> call) => Assert.ThrowsAsync<ProblemException>(async () => await call());

    private static async IAsyncEnumerable<ChatResponseUpdate> SayThenWait(
        Hanging hanging, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(ChatRole.Assistant, "part");
        await hanging.ForeverAsync().WaitAsync(cancellationToken);
    }

    private sealed class Cache : ISessionCleanup, IContextProvider
    {
        private int _items = 3;

        public bool Fails { get; set; }

        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);

        public ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken)
        {
            if (Fails) throw new IOException("locked");
            return new(Interlocked.Exchange(ref _items, 0));
        }
    }

    private sealed class FullHistory : IHistoryProvider
    {
        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) => new(new Page<HistoryMessage> { Items = [], HasMore = false });

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken) => default;

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) =>
            throw new StorageException("The disk is full.");
    }
}
