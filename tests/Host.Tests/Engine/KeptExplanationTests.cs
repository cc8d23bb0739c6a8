using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Explain.Kept;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>How much of explanations is kept.</summary>
public sealed class KeptExplanationTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_tenant_has_so_many_bytes_and_all_have_so_many_and_the_oldest_go_first()
    {
        var kept = new KeptExplanations(new ExplainConfiguration { Bytes = 60_000, TenantBytes = 25_000 }, WeightEstimate.Instance, TimeProvider.System);

        for (var i = 0; i < 50; i++)
        {
            await KeepAsync(kept, "a", $"run_{i}");
            Assert.InRange(kept.Bytes, 1, 25_000);
        }

        Assert.Null(await FindAsync(kept, Session("a"), "run_0"));
        Assert.NotNull(await FindAsync(kept, Session("a"), "run_49"));
        for (var tenant = 0; tenant < 10; tenant++)
        {
            await KeepAsync(kept, $"t{tenant}", "run_1");
            await KeepAsync(kept, $"t{tenant}", "run_2");
            Assert.InRange(kept.Bytes, 1, 60_000);
        }

        Assert.Null(await FindAsync(kept, Session("a"), "run_49"));
        Assert.NotNull(await FindAsync(kept, Session("t9"), "run_2"));
        Assert.Null(await FindAsync(kept, new SessionKey("t9", "other"), "run_2"));
        for (var tenant = 0; tenant < 10; tenant++) kept.Forget(Session($"t{tenant}"));
        Assert.Equal(0, kept.Bytes);
    }

    [Fact]
    public async Task A_run_that_is_larger_than_all_there_is_room_for_is_not_kept()
    {
        var kept = new KeptExplanations(new ExplainConfiguration { TenantBytes = 1000 }, WeightEstimate.Instance, TimeProvider.System);

        await KeepAsync(kept, "a", "run_1");

        Assert.Equal(0, kept.Bytes);
        Assert.Null(await FindAsync(kept, Session("a"), "run_1"));
    }

    [Fact]
    public void A_run_that_is_not_recorded_costs_nothing()
    {
        var kept = new KeptExplanations(new ExplainConfiguration { Enabled = false }, WeightEstimate.Instance, TimeProvider.System);
        var run = Record("a", "run_1");
        Assert.Null(kept.TryBegin(run, null));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) kept.TryBegin(run, null);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Only_so_many_runs_of_a_second_are_recorded()
    {
        var kept = new KeptExplanations(new ExplainConfiguration { RunsPerSecond = 3 }, WeightEstimate.Instance, new Microsoft.Extensions.Time.Testing.FakeTimeProvider());

        Assert.Equal(3, Enumerable.Range(0, 10).Count(i => kept.TryBegin(Record("a", $"run_{i}"), null) is not null));
    }

    private static async Task KeepAsync(KeptExplanations kept, string tenant, string id)
    {
        var recorder = kept.TryBegin(Record(tenant, id), "Be brief.");
        Assert.NotNull(recorder);
        IEnumerable<ChatMessage> messages = [new(ChatRole.User, new string('x', 4000))];
        recorder.BeginCall(ref messages, null);
        kept.End(recorder, isKept: true);
        using var limit = new CancellationTokenSource(Limit);
        while (kept.Waiting > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static RunRecord Record(string tenant, string id) => new()
    {
        Id = id,
        Session = Session(tenant),
        Agent = "assistant",
        Status = RunStatus.Running,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static SessionKey Session(string tenant) => new(tenant, "s");

    [Fact]
    public async Task A_run_that_has_ended_is_found_before_it_is_written()
    {
        var kept = new KeptExplanations(new ExplainConfiguration { RunsPerSecond = 1000 }, WeightEstimate.Instance, TimeProvider.System);
        for (var i = 1; i <= 200; i++)
        {
            kept.End(kept.TryBegin(Record("a", $"run_{i}"), null)!, isKept: true);
            Assert.Equal(i, await kept.FindEndedAsync(Session("a"), CancellationToken.None).CountAsync());
        }
    }

    [Fact]
    public async Task What_is_deleted_while_it_is_written_does_not_come_back()
    {
        var store = new HeldStore();
        var kept = new KeptExplanations(new ExplainConfiguration { Store = ExplanationPlace.Session }, WeightEstimate.Instance, TimeProvider.System, store);
        kept.End(kept.TryBegin(Record("a", "run_1"), null)!, isKept: true);
        await store.Reached.Task.WaitAsync(Limit);
        kept.End(kept.TryBegin(Record("a", "run_2"), null)!, isKept: true);

        var forgetting = kept.ForgetContentAsync(Session("a")).AsTask();
        store.Released.SetResult();
        await forgetting.WaitAsync(Limit);
        await kept.FlushAsync(Limit);

        Assert.Equal(["write run_1", "forget"], store.Calls);
        Assert.Null(await FindAsync(kept, Session("a"), "run_1"));
        Assert.Null(await FindAsync(kept, Session("a"), "run_2"));
    }

    [Fact]
    public async Task A_run_that_waits_for_its_turn_is_explained_although_messages_are_deleted_meanwhile()
    {
        var kept = new KeptExplanations(new ExplainConfiguration(), WeightEstimate.Instance, TimeProvider.System);
        kept.TryBegin(Record("a", "run_1"), null);

        await kept.ForgetContentAsync(Session("a"));

        Assert.NotNull(await FindAsync(kept, Session("a"), "run_1"));
    }

    [Fact]
    public async Task What_the_store_does_not_take_stays_in_memory()
    {
        var store = new HeldStore { Fails = true };
        store.Released.SetResult();
        var kept = new KeptExplanations(new ExplainConfiguration { Store = ExplanationPlace.Session }, WeightEstimate.Instance, TimeProvider.System, store);

        kept.End(kept.TryBegin(Record("a", "run_1"), null)!, isKept: true);
        await kept.FlushAsync(Limit);

        Assert.NotNull(await FindAsync(kept, Session("a"), "run_1"));
        Assert.NotEqual(0, kept.Bytes);
    }

    [Fact]
    public async Task What_waits_to_be_written_is_bounded_by_its_content_for_each_tenant_and_for_all()
    {
        var store = new HeldStore();
        var settings = new ExplainConfiguration { Store = ExplanationPlace.Session, Bytes = 50_000, TenantBytes = 25_000, RunsPerSecond = 1000 };
        var kept = new KeptExplanations(settings, WeightEstimate.Instance, TimeProvider.System, store);

        void End(string tenant, int run)
        {
            var recorder = kept.TryBegin(Record(tenant, $"run_{run}"), null)!;
            recorder.Load("history", new HistoryQuery { Session = Session(tenant), Limit = 10 }, new Page<HistoryMessage> { Items = [Message(new string('x', 10_000))], HasMore = false }, []);
            kept.End(recorder, isKept: true);
        }

        for (var i = 0; i < 10; i++) End("a", i);
        Assert.Equal(2, kept.Waiting);
        for (var i = 0; i < 10; i++) End($"b{i}", i);
        Assert.Equal(5, kept.Waiting);

        store.Released.SetResult();
        await kept.FlushAsync(Limit);
        Assert.Equal(0, kept.Waiting);
        End("a", 10);
        await kept.FlushAsync(Limit);
        Assert.Contains("write run_10", store.Calls);
    }

    [Fact]
    public async Task Runs_without_content_wait_and_are_written_like_others()
    {
        var store = new HeldStore();
        var kept = new KeptExplanations(new ExplainConfiguration { Store = ExplanationPlace.Session }, WeightEstimate.Instance, TimeProvider.System, store);

        for (var i = 0; i < 20; i++) kept.End(kept.TryBegin(Record("a", $"run_{i}"), null)!, isKept: true);
        store.Released.SetResult();
        await kept.FlushAsync(Limit);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"write run_{i}"), store.Calls);
    }

    private static HistoryMessage Message(string text) => new() { Id = "m", Origin = MessageOrigin.Input, Message = new ChatMessage(ChatRole.User, text) };

    private static ValueTask<RunExplanation?> FindAsync(KeptExplanations kept, SessionKey session, string run) => kept.FindAsync(session, run, CancellationToken.None);

    /// <summary>A store whose writes wait until the test releases them.</summary>
    private sealed class HeldStore : IExplanationStore
    {
        private readonly List<string> _calls = [];
        private readonly Dictionary<(SessionKey, string), byte[]> _documents = [];

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Fails { get; init; }

        public IReadOnlyList<string> Calls
        {
            get { lock (_calls) return [.. _calls]; }
        }

        public async ValueTask<bool> TryWriteAsync(SessionKey session, string runId, byte[] document, long maxTenantBytes)
        {
            Reached.TrySetResult();
            await Released.Task.WaitAsync(Limit);
            lock (_calls)
            {
                _calls.Add($"write {runId}");
                if (!Fails) _documents[(session, runId)] = document;
            }

            return !Fails;
        }

        public ValueTask<byte[]?> FindAsync(SessionKey session, string runId, CancellationToken cancellationToken)
        {
            lock (_calls) return new(_documents.GetValueOrDefault((session, runId)));
        }

        public async IAsyncEnumerable<(string RunId, byte[] Document)> ListAsync(SessionKey session, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }

        public ValueTask ForgetAsync(SessionKey session)
        {
            lock (_calls)
            {
                _calls.Add("forget");
                foreach (var key in _documents.Keys.Where(k => k.Item1 == session).ToList()) _documents.Remove(key);
            }

            return default;
        }
    }
}
