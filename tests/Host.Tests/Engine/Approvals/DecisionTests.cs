using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Sdk;
using PluginHost.Tests.Engine.Journal;
using static PluginHost.Tests.Engine.Approvals.ApprovalHost;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Approvals;

/// <summary>Approvals are used once, by their tenant, for their call, over crashes and changes of the configuration.</summary>
public sealed class DecisionTests : IAsyncDisposable
{
    private readonly ApprovalHost _host = new();

    [Fact]
    public async Task Of_two_approvers_at_the_same_time_one_decides_and_the_call_is_made_at_most_once()
    {
        var engine = _host.Start(new ScriptedModel(call => call.Messages[^1].Role == ChatRole.Tool ? Say("done") : Pay()(call)));
        for (var i = 0; i < 50; i++)
        {
            var parked = await engine.RunAsync($"s{i}", "pay");
            var id = Pending(parked)[0].Id;
            var before = _host.Effects.Count;

            var decisions = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(() => TryAsync(engine, id, approve: n % 2 == 0))));
            var ended = await EndAsync(engine, parked);

            var approve = Assert.Single(decisions.OfType<bool>());
            Assert.Equal(RunStatus.Completed, ended.Status);
            Assert.Equal(approve ? 1 : 0, _host.Effects.Count - before);
        }
    }

    [Fact]
    public async Task A_decision_binds_to_the_call_and_its_arguments_and_is_final()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        var id = Pending(parked)[0].Id;

        var other = await RefusedAsync(() => DecideAsync(engine, id, arguments: """{"amount":6}"""));
        var call = await RefusedAsync(async () => await engine.Engine.DecideAsync("default", new ApprovalVerdict(id, true, null) { CallId = "2" }, default));
        var first = await DecideAsync(engine, id, key: "k", arguments: """{ "amount": 5 }""");
        var same = await DecideAsync(engine, id, key: "k");
        var withoutKey = await RefusedAsync(() => DecideAsync(engine, id));
        var otherwise = await RefusedAsync(() => DecideAsync(engine, id, approve: false, key: "k"));
        await EndAsync(engine, parked);
        var later = await DecideAsync(engine, id, key: "k");
        var afterwards = await RefusedAsync(() => DecideAsync(engine, id, approve: false));

        Assert.Equal([ProblemTypes.ApprovalMismatch, ProblemTypes.ApprovalMismatch], [other.Type, call.Type]);
        Assert.All([withoutKey, otherwise, afterwards], refused => Assert.Equal(ProblemTypes.ApprovalDecided, refused.Type));
        Assert.Equal(first.Approval.Decision, same.Approval.Decision);
        Assert.Equal(first.Approval.Decision, later.Approval.Decision);
        Assert.Single(_host.Effects);
    }

    [Theory]
    [InlineData("other", null)]
    [InlineData("default", "apr_run_1.0123456789abcdef")]
    [InlineData("default", "nonsense")]
    public async Task Approvals_of_other_tenants_and_unknown_ones_are_not_found(string tenant, string? id)
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        id ??= Pending(parked)[0].Id;

        var decided = await RefusedAsync(async () => await engine.Engine.DecideAsync(tenant, new ApprovalVerdict(id, true, null), default));
        var read = await RefusedAsync(async () => await engine.Engine.GetApprovalAsync(tenant, id, default));

        Assert.All([decided, read], refused => Assert.Equal(ProblemTypes.ApprovalNotFound, refused.Type));
        Assert.Empty(await ApprovalsAsync(engine, "other"));
        Assert.Single(await ApprovalsAsync(engine));
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task A_cancelled_run_keeps_its_output_and_its_calls_are_never_made()
    {
        var model = PayThenSay();
        var engine = _host.Start(model);
        var parked = await engine.RunAsync(Streamed("s", "pay"));

        var cancelled = await engine.Engine.CancelAsync(parked.Session, parked.Id, default);
        var late = await RefusedAsync(() => DecideAsync(engine, Pending(parked)[0].Id));

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.Equal(["assistant: I will.<pay>", $"tool: [{JournaledCalls.NotMade}]"], Lines(cancelled));
        Assert.Equal(["user: pay", "assistant: I will.<pay>", $"tool: [{JournaledCalls.NotMade}]"], await engine.StoredAsync("s"));
        Assert.Equal(ProblemTypes.ApprovalNotFound, late.Type);
        Assert.Single(model.Calls);
        Assert.Empty(_host.Effects);
        Assert.Empty(await _host.Host.OpenRunsAsync());
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "more")).Status);
    }

    [Fact]
    public async Task A_session_that_is_deleted_takes_its_parked_run_with_it()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");

        await engine.Sessions.DeleteAsync(parked.Session, default);

        Assert.Equal(ProblemTypes.ApprovalNotFound, (await RefusedAsync(() => DecideAsync(engine, Pending(parked)[0].Id))).Type);
        Assert.Empty(await ApprovalsAsync(engine));
        Assert.Equal(0, await _host.Host.StepsAsync("s", parked.Id));
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "more")).Status);
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task A_parked_run_is_decided_in_a_later_process_and_keeps_other_runs_off_its_session_there()
    {
        var parked = await _host.Start(PayThenSay()).RunAsync("s", "pay");
        var next = _host.Start(new ScriptedModel(_ => Say("done")));
        await next.Engine.RecoverAsync(default);

        Assert.Equal(ProblemTypes.ApprovalPending, (await RefusedAsync(() => next.RunAsync("s", "more"))).Type);
        Assert.Empty(_host.Effects);
        await DecideAsync(next, Pending(parked)[0].Id);
        var ended = await EndAsync(next, parked);

        Assert.Equal(["assistant: I will.<pay>", "tool: [pay 5]", "assistant: done"], Lines(ended));
        Assert.Single(_host.Effects);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_is_lost_between_decision_and_call_leaves_the_call_to_the_next_one(bool background)
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync(TestEngine.Command("s", "pay") with { Background = background });
        // The decision is written, and nothing after it.
        var (written, lost) = (0, new TaskCompletionSource());
        _host.Host.Process.BeforeWrite = _ => Interlocked.Increment(ref written) == 1 ? default : new ValueTask(lost.Task);
        await DecideAsync(engine, Pending(parked)[0].Id);
        _host.Host.Process.Lose();

        var next = _host.Start(new ScriptedModel(_ => Say("done")), new SessionsConfiguration { OnHostLost = HostLostPolicy.Fail, MaxAttempts = 1 });
        await next.Engine.RecoverAsync(default);
        var ended = await EndAsync(next, parked);

        Assert.Equal(RunStatus.Completed, ended.Status);
        Assert.Equal("tool: [pay 5]", Lines(ended).ElementAt(1));
        Assert.Single(_host.Effects);
    }

    [Fact]
    public async Task A_run_whose_agent_is_gone_stays_parked_until_it_is_back_or_the_run_is_cancelled()
    {
        var parked = await _host.Start(PayThenSay()).RunAsync("s", "pay");
        await _host.Host.Store.WriteAsync(new JournalWrite { Session = parked.Session, RunId = parked.Id, Run = (await _host.Host.OpenRunsAsync())[0] with { Agent = "gone" } }, default);
        var engine = _host.Start(new ScriptedModel(_ => Say("done")));

        var refused = await RefusedAsync(() => DecideAsync(engine, Pending(parked)[0].Id));
        Assert.Equal(ProblemTypes.AgentNotFound, refused.Type);
        Assert.Contains("'gone'", refused.Message, StringComparison.Ordinal);
        Assert.Single(await ApprovalsAsync(engine));
        var cancelled = await engine.Engine.CancelAsync(parked.Session, parked.Id, default);

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.Empty(await _host.Host.OpenRunsAsync());
        Assert.Equal(RunStatus.Cancelled, (await engine.Engine.GetRunAsync(parked.Session, parked.Id, default)).Status);
    }

    [Fact]
    public async Task When_the_plugin_is_gone_the_model_learns_that_its_tool_is()
    {
        var parked = await _host.Start(PayThenSay()).RunAsync("s", "pay");
        var model = new ScriptedModel(_ => Say("done"));
        var engine = _host.Host.Start(model);

        await DecideAsync(engine, Pending(parked)[0].Id);
        var ended = await EndAsync(engine, parked);

        Assert.Equal(RunStatus.Completed, ended.Status);
        Assert.Equal("tool: [The tool 'pay' is not available any more.]", model.Sent(0).Last());
        Assert.Empty(_host.Effects);
    }

    [Theory]
    [InlineData("entry")]
    [InlineData("none")]
    public async Task A_run_continues_with_the_chain_that_a_reload_has_put_in_place_and_a_decision_still_counts(string mark)
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        var model = new ScriptedModel(_ => Say("new"));
        await engine.Chains.SwapAsync(engine.Build(model, [.. engine.Set.Chains[0].Plugins.Where(p => p.History is not null), _host.Tools(mark)]), TimeSpan.Zero);

        await DecideAsync(engine, Pending(parked)[0].Id, approve: false, "no");
        var ended = await EndAsync(engine, parked);

        Assert.Equal("assistant: new", Lines(ended).Last());
        Assert.Equal($"tool: [{CallApproval.Refusal("no")}]", model.Sent(0).Last());
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task Calls_that_are_not_decided_in_time_are_refused_and_the_run_continues()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var host = new ApprovalHost { Host = new JournaledHost { Time = time } };
        var model = PayThenSay();
        var engine = host.Start(model, new SessionsConfiguration { ApprovalTimeout = TimeSpan.FromHours(1) });
        var parked = await engine.RunAsync("s", "pay");
        var id = Pending(parked)[0].Id;
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(parked.Id, (await engine.Engine.GetApprovalAsync("default", id, default)).Run.Id);
        Assert.Single(await ApprovalsAsync(engine));

        time.Advance(TimeSpan.FromMinutes(2));
        var ended = await UntilEndedAsync(engine, parked);
        var late = await RefusedAsync(() => DecideAsync(engine, id));

        Assert.Equal(RunStatus.Completed, ended.Status);
        Assert.Equal($"tool: [{CallApproval.Refusal(ApprovalDecisions.NotInTime)}]", model.Sent(1).Last());
        Assert.Equal(ProblemTypes.ApprovalDecided, late.Type);
        Assert.Empty(host.Effects);
    }

    [Fact]
    public async Task The_time_counts_over_processes_and_a_run_without_its_agent_ends_as_failed()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var host = new ApprovalHost { Host = new JournaledHost { Time = time } };
        var settings = new SessionsConfiguration { ApprovalTimeout = TimeSpan.FromHours(1) };
        var first = host.Start(new ScriptedModel(Pay()), settings);
        var (parked, gone) = (await first.RunAsync("s", "pay"), await first.RunAsync("t", "pay"));
        await host.Host.Store.WriteAsync(new JournalWrite { Session = gone.Session, RunId = gone.Id, Run = (await host.Host.OpenRunsAsync()).Single(r => r.Id == gone.Id) with { Agent = "gone" } }, default);
        host.Host.Process.Lose();
        time.Advance(TimeSpan.FromHours(2));

        // No limit now changes nothing for what was asked before.
        var engine = host.Start(new ScriptedModel(_ => Say("done")));
        await engine.Engine.RecoverAsync(default);
        var (ended, failed) = (await UntilEndedAsync(engine, parked), await UntilEndedAsync(engine, gone));

        Assert.Equal(["assistant: I will.<pay>", $"tool: [{CallApproval.Refusal(ApprovalDecisions.NotInTime)}]", "assistant: done"], Lines(ended));
        Assert.Equal((RunStatus.Failed, "host_lost"), (failed.Status, failed.Error?.Type));
        Assert.Contains("'gone'", failed.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_at_the_time_of_the_parking_ends_the_run_one_way_or_the_other()
    {
        var engine = _host.Start(new ScriptedModel(call => call.Messages[^1].Role == ChatRole.Tool ? Say("done") : Pay()(call)));
        for (var i = 0; i < 50; i++)
        {
            var handle = await engine.Engine.StartAsync(Streamed($"s{i}", "pay"), default);
            var ended = await engine.Engine.CancelAsync(handle.Record.Session, handle.Record.Id, default);
            Assert.Equal(RunStatus.Cancelled, ended.Status);
        }

        Assert.Empty(_host.Effects);
        Assert.Empty(await _host.Host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_run_that_interrupts_cancels_the_parked_one_and_input_for_that_one_is_refused()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");

        var next = await engine.RunAsync(TestEngine.Command("s", "instead") with { Busy = BusyPolicy.Interrupt });

        Assert.Equal(RunStatus.Completed, next.Status);
        Assert.Equal(RunStatus.Cancelled, (await engine.Engine.GetRunAsync(parked.Session, parked.Id, default)).Status);
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task A_run_that_continues_after_a_decision_holds_its_session()
    {
        var reached = new TaskCompletionSource();
        var engine = _host.Start(new ScriptedModel(Pay(), call => WaitAsync(reached, call.Cancellation), _ => Say("next")));
        var parked = await engine.RunAsync("s", "pay");
        await DecideAsync(engine, Pending(parked)[0].Id);
        await reached.Task.WaitAsync(Limit);

        var next = await engine.RunAsync(TestEngine.Command("s", "instead") with { Busy = BusyPolicy.Interrupt });

        Assert.Equal((RunStatus.Completed, RunStatus.Cancelled), (next.Status, (await engine.Engine.GetRunAsync(parked.Session, parked.Id, default)).Status));
        Assert.Equal(["pay"], _host.Acted);

        static async IAsyncEnumerable<ChatResponseUpdate> WaitAsync(TaskCompletionSource reached, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            yield break;
        }
    }

    [Fact]
    public async Task A_host_that_stops_takes_no_decisions_and_does_not_wait_for_parked_runs()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync(Background("s", "pay"));
        await engine.Engine.StopAsync(Limit, Limit);

        Assert.Equal(ProblemTypes.ShuttingDown, (await RefusedAsync(() => DecideAsync(engine, Pending(parked)[0].Id))).Type);
        Assert.Equal(RunStatus.RequiresAction, Assert.Single(await _host.Host.OpenRunsAsync()).Status);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static async Task<bool?> TryAsync(TestEngine engine, string id, bool approve)
    {
        try
        {
            return (await DecideAsync(engine, id, approve)).Approval.Decision!.IsApproved;
        }
        catch (ProblemException e) when (e.Type == ProblemTypes.ApprovalDecided)
        {
            return null;
        }
    }

    private static async Task<ProblemException> RefusedAsync(Func<Task> act) => await Assert.ThrowsAsync<ProblemException>(act);

    private static async Task<RunRecord> UntilEndedAsync(TestEngine engine, RunRecord run)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            if (await EndAsync(engine, run) is { CompletedAt: not null } ended) return ended;
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
