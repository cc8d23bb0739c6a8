using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Explain;
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

        Assert.Null(kept.Find(Session("a"), "run_0"));
        Assert.NotNull(kept.Find(Session("a"), "run_49"));
        for (var tenant = 0; tenant < 10; tenant++)
        {
            await KeepAsync(kept, $"t{tenant}", "run_1");
            await KeepAsync(kept, $"t{tenant}", "run_2");
            Assert.InRange(kept.Bytes, 1, 60_000);
        }

        Assert.Null(kept.Find(Session("a"), "run_49"));
        Assert.NotNull(kept.Find(Session("t9"), "run_2"));
        Assert.Null(kept.Find(new SessionKey("t9", "other"), "run_2"));
        for (var tenant = 0; tenant < 10; tenant++) kept.Forget(Session($"t{tenant}"));
        Assert.Equal(0, kept.Bytes);
    }

    [Fact]
    public async Task A_run_that_is_larger_than_all_there_is_room_for_is_not_kept()
    {
        var kept = new KeptExplanations(new ExplainConfiguration { TenantBytes = 1000 }, WeightEstimate.Instance, TimeProvider.System);

        await KeepAsync(kept, "a", "run_1");

        Assert.Equal(0, kept.Bytes);
        Assert.Null(kept.Find(Session("a"), "run_1"));
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
    public void A_run_that_has_ended_is_found_before_it_is_written()
    {
        var kept = new KeptExplanations(new ExplainConfiguration { RunsPerSecond = 1000 }, WeightEstimate.Instance, TimeProvider.System);
        for (var i = 1; i <= 200; i++)
        {
            kept.End(kept.TryBegin(Record("a", $"run_{i}"), null)!, isKept: true);
            Assert.Equal(i, kept.FindEnded(Session("a")).Count);
        }
    }
}
