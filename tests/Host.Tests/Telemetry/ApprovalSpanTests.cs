using Microsoft.Extensions.AI;
using PluginHost.Sdk;
using PluginHost.Tests.Engine;
using PluginHost.Tests.Engine.Approvals;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Telemetry;

/// <summary>How runs that wait for approvals show.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class ApprovalSpanTests
{
    [Fact]
    public async Task A_run_that_waits_for_an_approval_is_parked_and_its_next_attempt_is_linked_to_it()
    {
        var pay = AIFunctionFactory.Create(() => "paid", "pay");
        await using var traced = await TracedEngine.StartAsync(
            new StubModel(),
            [
                Plugin(new Probe.Middleware((request, next, ct) => next(request, ct)), "audit"),
                Plugin(new Probe.Context(_ => new ContextContribution { Tools = [pay] }), "tools", entry => entry with { Approve = ["*"] }),
            ]);

        var parked = await traced.Tested.RunAsync("s", "hi");
        var decided = await ApprovalHost.DecideAsync(traced.Tested, Assert.Single(ApprovalHost.Pending(parked)).Id);
        await traced.Tested.Engine.FindLive(decided.Run.Session, decided.Run.Id)!.Completion;
        var received = await traced.EndAsync();

        var runs = received.Spans.Where(s => s.Name == "assistant run").OrderBy(s => s.Start).ToList();
        Assert.Equal(["requires_action", "completed"], runs.Select(r => r.Attributes["pluginhost.run.outcome"]));
        Assert.Contains((runs[0].TraceId, runs[0].SpanId), runs[1].Links);
        Assert.Equal(
            ["audit middleware parked", "invoke_agent assistant parked"],
            received.Spans.Where(s => s.Attributes.ContainsKey("pluginhost.cause")).Select(s => $"{s.Name} {s.Attributes["pluginhost.cause"]}").Order());
        Assert.DoesNotContain(received.Spans, s => s.IsError);
        Assert.Equal("approved", Assert.Single(received.Points, p => p.Name == "pluginhost.approval.decided").Attributes["pluginhost.approval.decision"]);
    }

    [Fact]
    public async Task A_parked_run_whose_agent_is_gone_is_a_run_that_has_ended_when_it_is_cancelled()
    {
        var pay = AIFunctionFactory.Create(() => "paid", "pay");
        await using var traced = await TracedEngine.StartAsync(
            new StubModel(), [Plugin(new Probe.Context(_ => new ContextContribution { Tools = [pay] }), "tools", entry => entry with { Approve = ["*"] })]);
        var parked = await traced.Tested.RunAsync("s", "hi");
        await ((IRunJournal)traced.Tested.Store).WriteAsync(new JournalWrite { Session = parked.Session, RunId = parked.Id, Run = parked with { Agent = "gone" } }, default);

        await traced.Tested.Engine.CancelAsync(parked.Session, parked.Id, default);
        var points = (await traced.EndAsync()).Points;

        var ended = Assert.Single(points, p => p.Name == "pluginhost.run.duration" && Equals(p.Attributes["gen_ai.agent.name"], "gone"));
        Assert.Equal("cancelled", ended.Attributes["pluginhost.run.outcome"]);
    }
}
