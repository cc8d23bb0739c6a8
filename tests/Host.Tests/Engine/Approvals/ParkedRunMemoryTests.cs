using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using PluginHost.Tests.Access.Cost;
using static PluginHost.Tests.Engine.Approvals.ApprovalHost;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Approvals;

/// <summary>What the host keeps of runs that wait.</summary>
[Collection(MeasuringCollection.Name)]
public sealed class ParkedRunMemoryTests
{
    [Fact]
    public void A_hundred_thousand_parked_runs_take_less_than_2_kB_each()
    {
        const int count = 100_000;
        var parked = new ParkedRuns();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < count; i++) parked.Add(new SessionKey("default", $"session-{i:x32}"), new ParkedRun($"run_{i:x32}", null));

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        Assert.InRange(bytes, 1, 2047);
        Assert.Equal(count, parked.Count);
    }

    [Fact]
    public async Task Nothing_of_a_parked_run_is_in_progress_and_no_handle_of_it_is_kept()
    {
        await using var host = new ApprovalHost();
        var engine = host.Start(PayThenSay());

        var parked = await engine.RunAsync(Streamed("s", "pay"));
        using var limit = new CancellationTokenSource(Limit);
        while (engine.Live.Active > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Null(engine.Live.Find(parked.Session, parked.Id));
        Assert.Equal(0, engine.Live.EndedBytes);
    }
}
