using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>What the next process does with runs that were in progress.</summary>
public sealed class RecoveryTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly JournaledHost _host = new();
    private readonly TaskCompletionSource _never = new();
    private readonly TaskCompletionSource _reached = new();
    private readonly List<string> _keys = [];

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
    public async Task A_run_in_the_foreground_ends_as_failed_with_its_input_and_its_steps_and_the_next_request_is_balanced()
    {
        var calls = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "act"), ("2", "act")), _ => ScriptedModel.CallTools(("3", "act")), _ => Hang());
        var lost = await LoseAsync(TestEngine.Command("s", "hi"), calls, Tool());
        var model = ScriptedModel.Saying("next");

        var next = _host.Start(model, Tool());
        var ended = await RecoverAsync(next, lost);
        await next.RunAsync("s", "again");

        Assert.Equal((RunStatus.Failed, "host_lost"), (ended.Status, ended.Error?.Type));
        Assert.Equal(["assistant: <act><act>", "tool: [acted][acted]", "assistant: <act>", "tool: [acted]"], Lines(ended));
        Assert.Equal(3, _keys.Count);
        Assert.Equal("user: hi", (await next.StoredAsync("s", includeFailed: true))[0]);
        Assert.Contains("tool: [acted][acted]", await next.StoredAsync("s", includeFailed: true));
        Assert.Equal(["user: again"], model.Sent(0));
        Assert.Empty(await _host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_call_in_progress_gets_an_answer_when_its_run_only_ends()
    {
        var lost = await LoseAsync(TestEngine.Command("s", "hi"), new ScriptedModel(_ => ScriptedModel.CallTools(("1", "act"), ("2", "act"))), Tool(hangs: true));

        var ended = await RecoverAsync(_host.Start(ScriptedModel.Saying("x"), Tool()), lost);

        Assert.Equal(
            ["assistant: <act><act>", $"tool: [{JournaledCalls.OutcomeUnknown}][{JournaledCalls.NotMade}]"], Lines(ended));
        Assert.Single(_keys);
    }

    [Fact]
    public async Task Where_so_configured_no_run_continues()
    {
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => Hang()));
        var model = ScriptedModel.Saying("x");

        var ended = await RecoverAsync(_host.Start(new SessionsConfiguration { OnHostLost = HostLostPolicy.Fail }, model), lost);

        Assert.Equal((RunStatus.Failed, "host_lost"), (ended.Status, ended.Error?.Type));
        Assert.Contains("Sessions:OnHostLost", ended.Error!.Message, StringComparison.Ordinal);
        Assert.Empty(model.Calls);
    }

    [Fact]
    public async Task A_run_whose_attempts_are_lost_again_and_again_ends_as_failed()
    {
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => Hang()));
        for (var attempt = 2; attempt <= 3; attempt++)
        {
            var began = new TaskCompletionSource();
            var engine = _host.Start(new ScriptedModel(_ => HangAfter(began)));
            await engine.Engine.RecoverAsync(default);
            await began.Task.WaitAsync(Limit);
            await _host.StepsAsync("s", lost.Id);
        }

        var ended = await RecoverAsync(_host.Start(ScriptedModel.Saying("x")), lost);

        Assert.Equal((RunStatus.Failed, "host_lost"), (ended.Status, ended.Error?.Type));
        Assert.Contains("Sessions:MaxAttempts", ended.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"kind":"dream"}""")]
    [InlineData("""{"kind":"answ""")]
    [InlineData("""{"kind":"answer","number":-1,"updates":[]}""")]
    [InlineData("""{"kind":"answer","number":7,"updates":[]}""")]
    [InlineData("""{"kind":"answer","number":0,"updates":[{"contents":[{"$type":"functionCall","callId":null,"name":null}]}]}""")]
    [InlineData("""{"kind":"answer","number":0,"updates":[{"contents":[{"$type":"data","uri":"x"}]}]}""")]
    [InlineData("""{"kind":"input","first":0,"messages":[null]}""")]
    public async Task A_run_whose_journal_cannot_be_read_is_failed_for_its_callers_and_nothing_of_it_is_deleted(string step)
    {
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => Hang()));
        var steps = await _host.StepsAsync("s", lost.Id);
        await _host.Store.WriteAsync(
            new JournalWrite { Session = lost.Session, RunId = lost.Id, FirstStep = steps, Steps = [Encoding.UTF8.GetBytes(step)] }, default);

        var next = _host.Start(ScriptedModel.Saying("x"));
        var ended = await RecoverAsync(next, lost);

        Assert.Equal((RunStatus.Failed, "host_lost"), (ended.Status, ended.Error?.Type));
        Assert.Contains($"Step {steps}", ended.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(steps + 1, await _host.StepsAsync("s", lost.Id));
        Assert.Equal(RunStatus.Completed, (await next.RunAsync("s", "next")).Status);
        Assert.Equal(RunStatus.Failed, (await next.Engine.GetRunAsync(lost.Session, lost.Id, default)).Status);
    }

    [Fact]
    public async Task A_run_of_an_agent_that_is_gone_is_failed_for_its_callers_and_continues_when_the_agent_is_back()
    {
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => Hang()));
        await _host.Store.WriteAsync(new JournalWrite { Session = lost.Session, RunId = lost.Id, FirstStep = 2, Run = (await _host.OpenRunsAsync())[0] with { Agent = "gone" } }, default);

        var failed = await RecoverAsync(_host.Start(ScriptedModel.Saying("x")), lost);
        await _host.Store.WriteAsync(new JournalWrite { Session = lost.Session, RunId = lost.Id, FirstStep = 2, Run = (await _host.OpenRunsAsync())[0] with { Agent = "assistant" } }, default);
        var ended = await RecoverAsync(_host.Start(ScriptedModel.Saying("x")), lost);

        Assert.Contains("'gone'", failed.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Completed, ended.Status);
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

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static IEnumerable<string> Lines(RunRecord run) => run.Output.Select(m => $"{m.Role}: {TestEngine.Describe(m)}");

    private static IAsyncEnumerable<ChatResponseUpdate> CallAct() => ScriptedModel.CallTools(("1", "act"));

    /// <summary>Runs a command up to where the model or the tool hangs.</summary>
    private async Task<RunRecord> LoseAsync(RunCommand command, IChatClient model, params IReadOnlyList<PluginInstance> plugins)
    {
        var engine = _host.Start(model, plugins);
        var handle = await engine.Engine.StartAsync(command, default);
        await _reached.Task.WaitAsync(Limit);
        _host.Process.Lose();
        return handle.Record;
    }

    private static async Task<RunRecord> RecoverAsync(TestEngine engine, RunRecord run)
    {
        await engine.Engine.RecoverAsync(default);
        return await EndAsync(engine, run);
    }

    private static async Task<RunRecord> EndAsync(TestEngine engine, RunRecord run) => engine.Live.Find(run.Session, run.Id) is { } handle
        ? await handle.Completion.WaitAsync(Limit)
        : await engine.Engine.GetRunAsync(run.Session, run.Id, default);

    private IAsyncEnumerable<ChatResponseUpdate> Hang() => HangAfter(_reached);

    private async IAsyncEnumerable<ChatResponseUpdate> HangAfter(TaskCompletionSource reached)
    {
        await Task.Yield();
        // What is written beside the model call comes before the loss.
        while (_host.Process.Writes.Count == 0) await Task.Yield();
        reached.TrySetResult();
        await _never.Task;
        yield break;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> HangUntil([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _never.Task.WaitAsync(cancellationToken);
        yield break;
    }

    private PluginInstance Tool(string mark = "none", bool hangs = false)
    {
        var options = new AIFunctionFactoryOptions
        {
            Name = "act",
            AdditionalProperties = mark == "property" ? new Dictionary<string, object?> { [RepeatableToolAttribute.Property] = true } : null,
        };
        Func<AIFunctionArguments, Task<string>> act = ActAsync, repeat = RepeatAsync;
        var tool = AIFunctionFactory.Create(mark == "attribute" ? repeat : act, options);
        return TestEngine.Plugin(new Probe.Context(_ => new ContextContribution { Tools = [tool] }), "tools");

        [RepeatableTool]
        Task<string> RepeatAsync(AIFunctionArguments arguments) => ActAsync(arguments);

        async Task<string> ActAsync(AIFunctionArguments arguments)
        {
            lock (_keys) _keys.Add(arguments.GetIdempotencyKey());
            if (!hangs) return "acted";
            _reached.TrySetResult();
            await _never.Task;
            return "";
        }
    }
}
