using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using PluginHost.Tests.Engine.Journal;
using static PluginHost.Tests.Engine.Approvals.ApprovalHost;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Approvals;

/// <summary>Runs that wait for approvals outlive processes and changes of the configuration, until their time is over.</summary>
public sealed class ParkedRunTests : IAsyncDisposable
{
    private readonly ApprovalHost _host = new();

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

    [Fact]
    public async Task A_decision_that_comes_while_the_run_is_parked_waits_for_that()
    {
        var engine = _host.Start(PayThenSay());
        var (parking, written) = (new TaskCompletionSource<RunRecord>(), new TaskCompletionSource());
        _host.Host.Process.BeforeWrite = async write =>
        {
            if (write.Run is not { Status: RunStatus.RequiresAction } run) return;
            parking.TrySetResult(run);
            await written.Task;
        };
        var running = engine.RunAsync("s", "pay");
        var parked = await parking.Task.WaitAsync(Limit);

        var decision = DecideAsync(engine, Pending(parked)[0].Id);
        written.SetResult();
        await decision.WaitAsync(Limit);

        Assert.Equal(RunStatus.RequiresAction, (await running).Status);
        Assert.Equal(RunStatus.Completed, (await EndAsync(engine, parked)).Status);
        Assert.Single(_host.Effects);
    }

    [Fact]
    public async Task A_background_run_that_was_accepted_waits_behind_a_parked_run_and_comes_before_new_ones()
    {
        var engine = _host.Start(new ScriptedModel(Pay(), _ => Say("done")));
        var (parked, waiting) = await ParkBeforeAsync(_host, engine);
        Assert.Equal(ProblemTypes.ApprovalPending, (await RefusedAsync(() => engine.RunAsync("s", "more"))).Type);
        Assert.Equal(RunStatus.Queued, waiting.Record.Status);

        await DecideAsync(engine, Pending(parked)[0].Id);
        var last = engine.RunAsync("s", "last");
        var (first, second, third) = (await EndAsync(engine, parked), await waiting.Completion.WaitAsync(Limit), await last);

        Assert.All([first, second, third], run => Assert.Equal(RunStatus.Completed, run.Status));
        Assert.Equal((waiting.Record.Id, 1), (second.Id, second.Attempt));
        Assert.Equal(["user: pay", "user: second", "user: last"], (await engine.StoredAsync("s")).Where(m => m.StartsWith("user", StringComparison.Ordinal)));
        Assert.Single(_host.Effects);
        Assert.Empty(await _host.Host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_run_that_comes_while_a_decision_is_written_has_its_turn_behind_those_that_waited_for_that()
    {
        var engine = _host.Start(new ScriptedModel(Pay(), _ => Say("done")));
        var (parked, waiting) = await ParkBeforeAsync(_host, engine);
        var (deciding, written) = (new TaskCompletionSource(), new TaskCompletionSource());
        _host.Host.Process.BeforeWrite = async write =>
        {
            if (write.Run?.Status != RunStatus.Running) return;
            deciding.TrySetResult();
            await written.Task;
        };
        var decision = DecideAsync(engine, Pending(parked)[0].Id);
        await deciding.Task.WaitAsync(Limit);

        var last = await engine.Engine.StartAsync(Background("s", "last"), default);
        written.SetResult();
        await decision;

        Assert.Equal(RunStatus.Completed, (await waiting.Completion.WaitAsync(Limit)).Status);
        Assert.Equal(RunStatus.Completed, (await last.Completion.WaitAsync(Limit)).Status);
        Assert.Equal(["user: pay", "user: second", "user: last"], (await engine.StoredAsync("s")).Where(m => m.StartsWith("user", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_background_run_that_waited_behind_a_parked_run_waits_in_the_next_process_too()
    {
        var engine = _host.Start(new ScriptedModel(Pay()));
        var (parked, lost) = await ParkBeforeAsync(_host, engine);
        _host.Host.Process.Lose();

        var model = new ScriptedModel(_ => Say("done"));
        var next = _host.Start(model);
        await next.Engine.RecoverAsync(default);
        var waiting = next.Live.Find(lost.Record.Session, lost.Record.Id)!;
        await UntilAsync(() => waiting.NextTurn is not null);

        Assert.Empty(model.Calls);
        await DecideAsync(next, Pending(parked)[0].Id);
        Assert.Equal(RunStatus.Completed, (await EndAsync(next, parked)).Status);
        Assert.Equal(RunStatus.Completed, (await waiting.Completion.WaitAsync(Limit)).Status);
        Assert.Equal(["user: pay", "user: second"], (await next.StoredAsync("s")).Where(m => m.StartsWith("user", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_run_that_waits_behind_a_parked_run_can_be_cancelled_and_the_parked_one_stays()
    {
        var engine = _host.Start(PayThenSay());
        var (parked, waiting) = await ParkBeforeAsync(_host, engine);

        var cancelled = await engine.Engine.CancelAsync(waiting.Record.Session, waiting.Record.Id, default).AsTask().WaitAsync(Limit);
        using var limit = new CancellationTokenSource(Limit);
        while ((await _host.Host.OpenRunsAsync()).Count > 1)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.Equal(parked.Id, Assert.Single(await _host.Host.OpenRunsAsync()).Id);
        await DecideAsync(engine, Pending(parked)[0].Id);
        Assert.Equal(RunStatus.Completed, (await EndAsync(engine, parked)).Status);
        Assert.Equal(["user: pay"], (await engine.StoredAsync("s")).Where(m => m.StartsWith("user", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_run_that_is_cancelled_behind_one_that_was_decided_ends_at_once()
    {
        var never = new TaskCompletionSource();
        var engine = _host.Start(new ScriptedModel(Pay(), call => HangAsync(call.Cancellation)));
        var (parked, waiting) = await ParkBeforeAsync(_host, engine);
        await DecideAsync(engine, Pending(parked)[0].Id);

        var cancelled = await engine.Engine.CancelAsync(waiting.Record.Session, waiting.Record.Id, default).AsTask().WaitAsync(Limit);

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.False(engine.Live.Find(parked.Session, parked.Id)!.Completion.IsCompleted);
        await engine.Engine.CancelAsync(parked.Session, parked.Id, default).AsTask().WaitAsync(Limit);
        using var limit = new CancellationTokenSource(Limit);
        while ((await _host.Host.OpenRunsAsync()).Count > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        var stored = await _host.Host.Store.FindRunsAsync(new RunQuery { Tenant = "default", RunId = waiting.Record.Id, Limit = 1 }, default);
        Assert.Equal(RunStatus.Cancelled, Assert.Single(stored.Items).Status);

        async IAsyncEnumerable<ChatResponseUpdate> HangAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await never.Task.WaitAsync(cancellationToken);
            yield break;
        }
    }

    [Fact]
    public async Task A_run_that_waits_behind_a_parked_run_uses_the_chains_that_a_reload_has_put_in_place()
    {
        var engine = _host.Start(new ScriptedModel(Pay()));
        var (parked, waiting) = await ParkBeforeAsync(_host, engine);
        var model = new ScriptedModel(_ => Say("new"));
        await engine.Chains.SwapAsync(engine.Build(model, [.. engine.Set.Chains[0].Plugins.Where(p => p.History is not null), _host.Tools()]), TimeSpan.Zero);

        await DecideAsync(engine, Pending(parked)[0].Id);
        await EndAsync(engine, parked);

        Assert.Equal(["assistant: new"], Lines(await waiting.Completion.WaitAsync(Limit)));
        Assert.Equal(2, model.Calls.Count);
    }

    [Fact]
    public async Task A_run_that_waits_behind_a_parked_run_and_whose_agent_a_reload_has_removed_says_so()
    {
        var engine = _host.Start(PayThenSay());
        var (parked, waiting) = await ParkBeforeAsync(_host, engine);
        var next = engine.Build([(new AgentConfiguration("other"), ScriptedModel.Saying("new"), [.. engine.Set.Chains[0].Plugins.Where(p => p.History is not null)])]);
        await engine.Chains.SwapAsync(next, TimeSpan.Zero);

        await engine.Engine.CancelAsync(parked.Session, parked.Id, default);
        var ended = await waiting.Completion.WaitAsync(Limit);

        Assert.Equal(RunStatus.Failed, ended.Status);
        Assert.StartsWith("The run cannot continue: Agent 'assistant' is not configured any more.", ended.Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_stops_leaves_a_run_that_waits_behind_a_parked_one_at_once()
    {
        // The clock stands still, so a stop that waits for the run does not end.
        await using var host = new ApprovalHost { Host = new JournaledHost { Time = new FakeTimeProvider(DateTimeOffset.UnixEpoch) } };
        var engine = host.Start(PayThenSay());
        var (_, waiting) = await ParkBeforeAsync(host, engine);

        await engine.Engine.StopAsync(Limit, Limit).WaitAsync(Limit);

        var left = await Assert.ThrowsAsync<ProblemException>(() => waiting.Completion.WaitAsync(Limit));
        Assert.Equal(ProblemTypes.ShuttingDown, left.Type);
        Assert.Equal([RunStatus.Queued, RunStatus.RequiresAction], (await host.Host.OpenRunsAsync()).Select(r => r.Status).Order());
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
    public async Task A_host_that_stops_takes_no_decisions_and_does_not_wait_for_parked_runs()
    {
        // The clock stands still, so a stop that waits for the run does not end.
        await using var host = new ApprovalHost { Host = new JournaledHost { Time = new FakeTimeProvider(DateTimeOffset.UnixEpoch) } };
        var engine = host.Start(PayThenSay());
        var parked = await engine.RunAsync(Background("s", "pay"));
        await engine.Engine.StopAsync(Limit, Limit).WaitAsync(Limit);

        Assert.Equal(ProblemTypes.ShuttingDown, (await RefusedAsync(() => DecideAsync(engine, Pending(parked)[0].Id))).Type);
        Assert.Equal(RunStatus.RequiresAction, Assert.Single(await host.Host.OpenRunsAsync()).Status);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Parks a run while another one in the background, which was accepted before, waits for its turn.</summary>
    private static async Task<(RunRecord Parked, RunHandle Waiting)> ParkBeforeAsync(ApprovalHost host, TestEngine engine)
    {
        var (parking, accepted) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Host.Process.BeforeWrite = async write =>
        {
            if (write.Run?.Status != RunStatus.RequiresAction) return;
            parking.TrySetResult();
            await accepted.Task;
        };
        var first = engine.RunAsync(Background("s", "pay"));
        await parking.Task.WaitAsync(Limit);
        var waiting = await engine.Engine.StartAsync(Background("s", "second"), default);
        accepted.SetResult();
        var parked = await first;
        await UntilAsync(() => waiting.NextTurn is not null);
        return (parked, waiting);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

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
