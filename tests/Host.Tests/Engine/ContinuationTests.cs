using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Runs that continue from a given run, and messages and runs that are changed outside runs.</summary>
public sealed class ContinuationTests
{
    private static readonly AITool Weather = AIFunctionFactory.CreateDeclaration("weather", "The weather.", System.Text.Json.JsonElement.Parse("{}"));

    [Fact]
    public async Task A_run_continues_the_last_run_and_is_refused_after_an_earlier_one()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);
        var first = await engine.RunAsync("s", "one");

        var second = await engine.RunAsync(Command("s", "two") with { AfterRun = first.Id });
        var refused = await Refused(engine, Command("s", "other") with { AfterRun = first.Id });
        var unknown = await Refused(engine, Command("new", "other") with { AfterRun = first.Id });

        Assert.Equal(RunStatus.Completed, second.Status);
        Assert.Equal(((409, "run-not-last"), "run-not-last"), ((refused.Status, refused.Type.Slug), unknown.Type.Slug));
        Assert.Equal(4, (await engine.StoredAsync("s")).Count);
    }

    [Fact]
    public async Task A_run_behind_one_certain_run_does_not_wait_for_another_and_a_fork_there_does_not_either()
    {
        var hanging = new Hanging();
        var model = new ScriptedModel(_ => ScriptedModel.Say("ok"), call => Hang(hanging, call.Cancellation), _ => ScriptedModel.Say("branch"));
        await using var engine = new TestEngine(model, []);
        var first = await engine.RunAsync("s", "one");
        var busy = engine.RunAsync(Command("s", "two") with { AfterRun = first.Id });
        await hanging.Entered;

        var refused = await Refused(engine, Command("s", "other") with { AfterRun = first.Id });
        var fork = await engine.Sessions.ForkAsync(Key("s"), null, first.Id, default);
        await engine.RunAsync(fork.Key.Id, "other");
        hanging.LetGo();
        await busy;

        Assert.Equal("run-not-last", refused.Type.Slug);
        Assert.Equal(["user: one", "assistant: ok", "user: other", "assistant: branch"], await engine.StoredAsync(fork.Key.Id));
        Assert.Equal(["user: one", "assistant: ok", "user: two", "assistant: part"], await engine.StoredAsync("s"));
    }

    [Fact]
    public async Task A_retry_of_a_failed_run_continues_the_same_run()
    {
        await using var engine = new TestEngine(new ScriptedModel(_ => ScriptedModel.Say("ok"), _ => ScriptedModel.Break(), _ => ScriptedModel.Say("yes")), []);
        var first = await engine.RunAsync("s", "one");
        var command = Command("s", "two") with { AfterRun = first.Id, IdempotencyKey = "k", RequestHash = "h" };

        var failed = await engine.RunAsync(command);
        var retried = await engine.RunAsync(command);

        Assert.Equal((RunStatus.Failed, RunStatus.Completed), (failed.Status, retried.Status));
        Assert.Equal(failed.Id, retried.Id);
    }

    [Fact]
    public async Task A_result_answers_a_call_that_a_fork_or_an_added_message_brought()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("a", "weather")), _ => ScriptedModel.Say("sunny"));
        await using var engine = new TestEngine(model, []);
        var open = await engine.RunAsync(Command("s", "weather?") with { CallerTools = [Weather] });
        await engine.Sessions.ForkAsync(Key("s"), "fork", open.Id, default);
        await engine.Sessions.CreateAsync(new NewSession("default") { Id = "t", Messages = [new(ChatRole.User, "weather?")] }, default);
        await engine.Sessions.AppendAsync(
            Key("t"), [new HistoryMessage { Id = "fc_1", Origin = MessageOrigin.Output, Message = new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("b", "weather")]) }], default);

        var forked = await engine.RunAsync(Result("fork", "a"));
        var added = await engine.RunAsync(Result("t", "b"));
        var closed = await Refused(engine, Result("t", "b"));

        Assert.Equal((RunStatus.Completed, RunStatus.Completed), (forked.Status, added.Status));
        Assert.Equal("invalid-request", closed.Type.Slug);
        Assert.Equal(["user: weather?", "assistant: <weather>", "tool: [sun]"], model.Sent(1));
    }

    [Fact]
    public async Task Open_calls_without_results_are_refused_when_the_caller_asks_for_that()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("a", "weather")), _ => ScriptedModel.Say("ok"));
        await using var engine = new TestEngine(model, []);
        var open = await engine.RunAsync(Command("s", "weather?") with { CallerTools = [Weather] });
        var call = new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("x", "weather")]);

        var missing = await Refused(engine, Command("s", "never mind") with { AfterRun = open.Id, RequireToolResults = true });
        var inInput = await Refused(engine, Command("new", "") with { Input = [call, new(ChatRole.User, "and?")], RequireToolResults = true });
        var answered = await engine.RunAsync(Result("s", "a") with { AfterRun = open.Id, RequireToolResults = true });

        Assert.Equal(((400, "tool-result-missing"), "tool-result-missing"), ((missing.Status, missing.Type.Slug), inInput.Type.Slug));
        Assert.Contains("call a", missing.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Completed, answered.Status);
        Assert.Null(await engine.Set.Store.FindAsync(Key("new"), default));
    }

    [Fact]
    public async Task Added_messages_are_seen_by_the_next_run_and_a_transcript_with_them_is_recognised()
    {
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, []);
        await engine.RunAsync("s", "one");
        await engine.Sessions.AppendAsync(
            Key("s"),
            [new() { Id = "m1", Origin = MessageOrigin.Input, Message = new(ChatRole.User, "two") }, new() { Id = "m2", Origin = MessageOrigin.Output, Message = new(ChatRole.Assistant, "added") }],
            default);

        await engine.RunAsync(Command("s", "") with
        {
            Input = [new(ChatRole.User, "one"), new(ChatRole.Assistant, "ok"), new(ChatRole.User, "two"), new(ChatRole.Assistant, "added"), new(ChatRole.User, "three")],
        });
        await engine.Sessions.DeleteMessagesAsync(Key("s"), ["m1", "m2", "unknown"], default);

        Assert.Equal(["user: one", "assistant: ok", "user: two", "assistant: added", "user: three"], model.Sent(1));
        Assert.Equal(["user: one", "assistant: ok", "user: three", "assistant: ok"], await engine.StoredAsync("s"));
    }

    [Fact]
    public async Task An_input_that_differs_is_taken_as_new_when_the_caller_asks_for_that()
    {
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, []);
        await engine.RunAsync("s", "one");

        await engine.RunAsync(Command("s", "") with { Input = [new(ChatRole.User, "one"), new(ChatRole.Assistant, "no"), new(ChatRole.User, "two")], AcceptDiverged = true });

        Assert.Equal(["user: one", "assistant: ok", "user: one", "assistant: no", "user: two"], model.Sent(1));
    }

    [Fact]
    public async Task A_deleted_run_is_gone_and_with_the_last_one_all_messages_that_no_run_can_continue()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);
        var runs = new List<RunRecord>();
        foreach (var text in new[] { "one", "two", "three" }) runs.Add(await engine.RunAsync("s", text));

        await engine.Sessions.DeleteRunAsync(Key("s"), runs[1].Id, ofRunsAlone: true, default);
        Assert.Equal(6, (await engine.StoredAsync("s")).Count);
        Assert.Null(await engine.Engine.FindRunAsync("default", runs[1].Id, default));

        await engine.Sessions.DeleteRunAsync(Key("s"), runs[2].Id, ofRunsAlone: true, default);
        Assert.Equal(["user: one", "assistant: ok"], await engine.StoredAsync("s"));
        await engine.RunAsync(Command("s", "again") with { AfterRun = runs[0].Id });

        var last = (await engine.Sessions.GetAsync(Key("s"), default)).LastRunId!;
        await engine.Sessions.DeleteRunAsync(Key("s"), last, ofRunsAlone: true, default);
        await engine.Sessions.DeleteRunAsync(Key("s"), runs[0].Id, ofRunsAlone: true, default);
        Assert.Empty(await engine.StoredAsync("s"));
        await Assert.ThrowsAsync<ProblemException>(async () => await engine.Sessions.GetAsync(Key("s"), default));
    }

    [Fact]
    public async Task A_run_that_is_deleted_in_a_separate_session_leaves_the_messages()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);
        var run = await engine.RunAsync("s", "one");

        await engine.Sessions.DeleteRunAsync(Key("s"), run.Id, ofRunsAlone: false, default);
        var again = await Assert.ThrowsAsync<ProblemException>(async () => await engine.Sessions.DeleteRunAsync(Key("s"), run.Id, ofRunsAlone: false, default));

        Assert.Equal("run-not-found", again.Type.Slug);
        Assert.Equal(["user: one", "assistant: ok"], await engine.StoredAsync("s"));
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "two")).Status);
    }

    private static RunCommand Result(string session, string call) =>
        Command(session, "") with { Input = [new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call, "sun")])], CallerTools = [Weather] };

    private static Task<ProblemException> Refused(TestEngine engine, RunCommand command) =>
        Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(command));

    private static async IAsyncEnumerable<ChatResponseUpdate> Hang(
        Hanging hanging, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(ChatRole.Assistant, "part");
        await hanging.ForeverAsync().WaitAsync(cancellationToken);
    }
}
