using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Approvals.ApprovalHost;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Approvals;

/// <summary>Processes that are lost while they park a run, or in the middle of an approved call.</summary>
public sealed class LostProcessTests : IAsyncDisposable
{
    private readonly ApprovalHost _host = new();
    private readonly TaskCompletionSource<string> _never = new();
    private readonly TaskCompletionSource _reached = new();
    private int _calls;

    [Fact]
    public async Task A_process_that_is_lost_while_it_parks_a_run_leaves_it_to_the_next_one_which_parks_it()
    {
        var engine = _host.Start(PayThenSay());
        _host.Host.Process.BeforeWrite = write =>
        {
            if (write.Run?.Status != RunStatus.RequiresAction) return default;
            _reached.TrySetResult();
            return new ValueTask(_never.Task);
        };
        var run = (await engine.Engine.StartAsync(Background("s", "pay"), default)).Record;
        await _reached.Task.WaitAsync(Limit);
        _host.Host.Process.Lose();

        var next = _host.Start(PayThenSay());
        await next.Engine.RecoverAsync(default);
        var parked = await EndAsync(next, run);

        Assert.Equal((RunStatus.RequiresAction, null), (parked.Status, parked.CompletedAt));
        Assert.Empty(_host.Effects);
        await DecideAsync(next, Assert.Single(Pending(parked)).Id);
        Assert.Equal(RunStatus.Completed, (await EndAsync(next, parked)).Status);
        Assert.Single(_host.Effects);
    }

    [Fact]
    public async Task An_approved_call_that_is_lost_in_the_middle_is_not_made_again_and_no_other_approval_is_asked_for()
    {
        var engine = _host.Host.Start(new ScriptedModel(Pay()), HangingTool());
        var parked = await engine.RunAsync(Background("s", "pay"));
        await DecideAsync(engine, Pending(parked)[0].Id);
        await _reached.Task.WaitAsync(Limit);
        _host.Host.Process.Lose();

        var model = new ScriptedModel(_ => Say("done"));
        var next = _host.Host.Start(model, HangingTool());
        await next.Engine.RecoverAsync(default);
        var ended = await EndAsync(next, parked);

        Assert.Equal(RunStatus.Completed, ended.Status);
        Assert.Equal($"tool: [{JournaledCalls.OutcomeUnknown}]", model.Sent(0).Last());
        Assert.Equal(1, _calls);
        Assert.Empty(await ApprovalsAsync(next));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private PluginInstance HangingTool()
    {
        var pay = AIFunctionFactory.Create(
            (int amount) =>
            {
                Interlocked.Increment(ref _calls);
                _reached.TrySetResult();
                return _never.Task;
            },
            "pay");
        return TestEngine.Plugin(new Probe.Context(_ => new ContextContribution { Tools = [pay] }), "tools", entry => entry with { Approve = ["*"] });
    }
}
