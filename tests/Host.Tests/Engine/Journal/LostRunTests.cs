using System.Text;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>Runs that the next process cannot or may not continue.</summary>
public sealed class LostRunTests : HangingRuns
{
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
    public async Task A_run_that_has_called_a_tool_without_a_record_does_not_continue()
    {
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => Unwritable(CallAct()), _ => Hang()), Tool());
        var model = new ScriptedModel(_ => CallAct(), _ => ScriptedModel.Say("done"));

        var ended = await RecoverAsync(_host.Start(model, Tool()), lost);

        Assert.Equal((RunStatus.Failed, "host_lost"), (ended.Status, ended.Error?.Type));
        Assert.Contains("without a record", ended.Error!.Message, StringComparison.Ordinal);
        Assert.Empty(model.Calls);
        Assert.Single(_keys);
        Assert.Empty(await _host.OpenRunsAsync());

        static async IAsyncEnumerable<ChatResponseUpdate> Unwritable(IAsyncEnumerable<ChatResponseUpdate> answer)
        {
            await foreach (var update in answer)
            {
                update.AdditionalProperties = new() { ["type"] = typeof(string) };
                yield return update;
            }
        }
    }

    [Fact]
    public async Task A_call_that_was_made_without_a_record_is_reported_as_unknown()
    {
        var calls = 0;
        // The result of the first call cannot be written as JSON, so that the journal does not have the second one.
        Func<Task<object>> act = ActAsync;
        var tool = AIFunctionFactory.Create(act, new AIFunctionFactoryOptions { Name = "act", MarshalResult = static (value, _, _) => new ValueTask<object?>(value) });
        var plugin = TestEngine.Plugin(new Probe.Context(_ => new ContextContribution { Tools = [tool] }), "tools");
        var lost = await LoseAsync(Background("s", "hi"), new ScriptedModel(_ => ScriptedModel.CallTools(("1", "act"), ("2", "act"))), plugin);

        var ended = await RecoverAsync(_host.Start(ScriptedModel.Saying("x"), Tool()), lost);

        Assert.Equal(["assistant: <act><act>", $"tool: [{JournaledCalls.OutcomeUnknown}][{JournaledCalls.OutcomeUnknown}]"], Lines(ended));

        async Task<object> ActAsync()
        {
            if (Interlocked.Increment(ref calls) == 1) return typeof(string);
            _reached.TrySetResult();
            await _never.Task;
            return "";
        }
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

    [Fact]
    public void A_stop_takes_back_the_attempt_that_it_ends_and_no_other()
    {
        JournalEntry[] entries =
        [
            new JournalEntry.Command(Background("s", "hi")), new JournalEntry.Left(), new JournalEntry.Left(), new JournalEntry.Attempt(1, null),
            new JournalEntry.Left(), new JournalEntry.Left(), new JournalEntry.Attempt(2, null),
        ];

        var recorded = RecordedRun.Read([.. entries.Select((entry, i) => new JournalStep(i, JournalDocument.Write(entry)))]);

        Assert.Equal((1, true, false), (recorded.LostAttempts, recorded.HasBegun, recorded.WasLeft));
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
}
