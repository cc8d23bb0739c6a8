using System.Collections.Concurrent;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>What the next process does with runs that were in progress.</summary>
public sealed class RecoveryTests : HangingRuns
{
    [Fact]
    public async Task A_background_run_continues_from_its_last_step_and_its_tool_has_acted_once()
    {
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => CallAct(), _ => Hang()), Tool());
        var model = ScriptedModel.Saying("done");

        var next = _host.Start(model, Tool());
        var ended = await RecoverAsync(next, lost);

        Assert.Equal((RunStatus.Completed, 2), (ended.Status, ended.Attempt));
        Assert.Equal(["user: hi", "assistant: <act>", "tool: [acted]"], model.Sent(0));
        Assert.Single(_keys);
        Assert.Equal(["user: hi", "assistant: <act>", "tool: [acted]", "assistant: done"], await next.StoredAsync("s"));
        Assert.Empty(await _host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_run_that_waits_for_its_turn_over_a_reload_does_not_keep_the_chains_of_before()
    {
        var engine = _host.Start(new ScriptedModel(_ => Hang()));
        var first = (await engine.Engine.StartAsync(Background("s", "first"), default)).Record;
        await _reached.Task.WaitAsync(Limit);
        var second = (await engine.Engine.StartAsync(Background("s", "second"), default)).Record;
        var next = _host.Start(new ScriptedModel(call => HangUntil(call.Cancellation)));
        await next.Engine.RecoverAsync(default);
        var model = new ScriptedModel(call => HangUntil(call.Cancellation));

        var retired = next.Chains.SwapAsync(next.Build(model, [.. next.Set.Chains[0].Plugins.Where(p => p.History is not null)]));
        await next.Engine.CancelAsync(first.Session, first.Id, default);
        await retired.WaitAsync(Limit);

        Assert.Null(next.Live.Find(second.Session, second.Id)!.Record.CompletedAt);
        await next.Engine.CancelAsync(second.Session, second.Id, default);
    }

    [Fact]
    public async Task A_later_attempt_is_in_the_journal_before_anything_of_it_runs()
    {
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => Hang()));
        var order = new ConcurrentQueue<string>();
        var next = _host.Start(new ScriptedModel(_ =>
        {
            order.Enqueue("model");
            return ScriptedModel.Say("done");
        }));
        _host.Process.BeforeWrite = async _ =>
        {
            for (var i = 0; i < 1000; i++) await Task.Yield();
            order.Enqueue("written");
        };

        var ended = await RecoverAsync(next, lost);

        Assert.Equal(RunStatus.Completed, ended.Status);
        Assert.Equal(["written", "model"], order.Take(2));
    }

    [Fact]
    public async Task A_run_that_was_lost_between_the_append_and_the_save_is_in_the_history_once()
    {
        var engine = _host.Start(ScriptedModel.Saying("first"));
        _host.Process.BeforeSave = _ =>
        {
            _host.Process.Lose();
            _reached.TrySetResult();
            return default;
        };
        var lost = (await engine.Engine.StartAsync(Background("s", "hi"), default)).Record;
        await _reached.Task.WaitAsync(Limit);
        Assert.Equal(["user: hi", "assistant: first"], await engine.StoredAsync("s"));
        var model = ScriptedModel.Saying("second");

        var next = _host.Start(model);
        var ended = await RecoverAsync(next, lost);

        Assert.Equal(["user: hi"], model.Sent(0));
        Assert.Equal(["assistant: second"], Lines(ended));
        Assert.Equal(["user: hi", "assistant: second"], await next.StoredAsync("s", includeFailed: true));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("property")]
    [InlineData("attribute")]
    public async Task A_call_whose_end_is_unknown_is_made_again_only_when_its_tool_is_repeatable_and_with_the_same_key(string mark)
    {
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => CallAct()), Tool(mark, hangs: true));
        var model = ScriptedModel.Saying("done");

        var next = _host.Start(model, Tool(mark));
        var ended = await RecoverAsync(next, lost);

        Assert.Equal(RunStatus.Completed, ended.Status);
        Assert.Equal(mark == "none" ? $"tool: [{JournaledCalls.OutcomeUnknown}]" : "tool: [acted]", model.Sent(0).Last());
        Assert.Equal(mark == "none" ? 1 : 2, _keys.Count);
        Assert.Single(_keys.Distinct());
    }

    [Fact]
    public async Task A_run_that_waited_begins_behind_the_one_before_it_and_before_new_ones()
    {
        var engine = _host.Start(new ScriptedModel(_ => Hang()));
        var first = await engine.Engine.StartAsync(Background("s", "one"), default);
        await _reached.Task.WaitAsync(Limit);
        var second = await engine.Engine.StartAsync(Background("s", "two"), default);

        var next = _host.Start(new ScriptedModel(_ => ScriptedModel.Say("1"), _ => ScriptedModel.Say("2"), _ => ScriptedModel.Say("3")));
        await next.Engine.RecoverAsync(default);
        await next.RunAsync("s", "three");

        Assert.Equal(["user: one", "assistant: 1", "user: two", "assistant: 2", "user: three", "assistant: 3"], await next.StoredAsync("s"));
        Assert.Equal((2, 1), ((await EndAsync(next, first.Record)).Attempt, (await EndAsync(next, second.Record)).Attempt));
    }

    [Fact]
    public async Task A_background_run_that_waited_over_a_reload_runs_with_the_chains_in_use()
    {
        var engine = _host.Start(new ScriptedModel(_ => Hang()));
        await engine.Engine.StartAsync(Background("s", "one"), default);
        await _reached.Task.WaitAsync(Limit);
        var waiting = await engine.Engine.StartAsync(Background("s", "two"), default);
        var behind = engine.RunAsync("s", "three");
        var model = ScriptedModel.Saying("new");
        await engine.Chains.SwapAsync(engine.Build(model, [.. engine.Set.Chains[0].Plugins.Where(p => p.History is not null)]), TimeSpan.Zero);

        _never.SetResult();
        var ended = await waiting.Completion.WaitAsync(Limit);
        await behind.WaitAsync(Limit);

        Assert.Equal(["assistant: new"], Lines(ended));
        Assert.Single(model.Calls);
        Assert.Equal(["user: one", "user: two", "user: three"], (await engine.StoredAsync("s")).Where(m => m.StartsWith("user", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task At_the_deadline_of_a_stop_a_background_run_is_left_and_continues_and_that_counts_as_no_lost_attempt()
    {
        var settings = new SessionsConfiguration { MaxAttempts = 1 };
        var engine = _host.Start(settings, new ScriptedModel(_ => Hang()));
        var running = await engine.Engine.StartAsync(Background("s", "one"), default);
        await _reached.Task.WaitAsync(Limit);
        var waiting = await engine.Engine.StartAsync(Background("s", "two"), default);
        var cancelled = await engine.Engine.StartAsync(TestEngine.Command("t", "three"), default);

        await engine.Engine.StopAsync(TimeSpan.Zero, Limit);

        Assert.Equal(RunStatus.Cancelled, cancelled.Record.Status);
        var told = await Assert.ThrowsAsync<ProblemException>(() => running.Completion.WaitAsync(Limit));
        Assert.Equal(ProblemTypes.ShuttingDown, told.Type);
        var next = _host.Start(settings, ScriptedModel.Saying("done"));
        await next.Engine.RecoverAsync(default);
        Assert.Equal(RunStatus.Completed, (await EndAsync(next, running.Record)).Status);
        Assert.Equal(RunStatus.Completed, (await EndAsync(next, waiting.Record)).Status);
        Assert.Equal(["user: one", "assistant: done", "user: two", "assistant: done"], await next.StoredAsync("s"));
    }

    [Fact]
    public async Task A_recovered_run_can_be_cancelled_and_its_session_deleted()
    {
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => Hang()));
        var next = _host.Start(new ScriptedModel(call => HangUntil(call.Cancellation)));
        await next.Engine.RecoverAsync(default);

        var cancelled = await next.Engine.CancelAsync(lost.Session, lost.Id, default);
        await next.Sessions.DeleteAsync(lost.Session, default);

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.Empty(await _host.OpenRunsAsync());
        Assert.Equal(0, await _host.StepsAsync("s", lost.Id));
    }
}
