using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>One authority, always: the service that keeps a session, or the host's own history.</summary>
public sealed class ServiceSessionTests
{
    private readonly Probe.History _history = new();
    private readonly Probe.History _audit = new();

    [Fact]
    public async Task A_settled_session_is_neither_loaded_nor_stored_here_but_audited()
    {
        var model = Model(_ => ScriptedModel.Say("one"), _ => ScriptedModel.Say("two"));
        await using var engine = Engine(model);

        await engine.RunAsync("s", "first");
        await engine.RunAsync("s", "second");

        Assert.Equal([null, "r1"], model.SentIds);
        Assert.Equal(["user: second"], model.Script.Sent(1));
        Assert.Equal("r2", (await engine.Sessions.GetAsync(Key("s"), default)).ServiceSessionId);
        Assert.Equal(1, _history.Loads);
        Assert.Empty(_history.Appends);
        Assert.Equal(["Input: first", "Output: one", "Input: second", "Output: two"], _audit.Stored);
    }

    [Fact]
    public async Task An_id_settles_at_the_end_of_the_tool_loop()
    {
        var model = Model(_ => ScriptedModel.CallTools(("1", "work")), _ => ScriptedModel.Say("done"));
        await using var engine = Engine(model, Tool());

        await engine.RunAsync("s", "hi");

        Assert.Equal([null, "r1"], model.SentIds);
        Assert.Equal(["tool: [7]"], model.Script.Sent(1));
        Assert.Equal("r2", (await engine.Sessions.GetAsync(Key("s"), default)).ServiceSessionId);
    }

    [Fact]
    public async Task A_candidate_with_open_calls_of_a_first_run_does_not_settle_and_the_history_keeps_the_run()
    {
        var model = Model(_ => ScriptedModel.CallTools(("1", "weather")), _ => ScriptedModel.Say("sunny"));
        await using var engine = Engine(model);

        await engine.RunAsync(Command("s", "weather?") with { CallerTools = [Weather] });
        await engine.RunAsync(Answer("1", "sun"));

        Assert.Equal([null, null], model.SentIds);
        Assert.Equal(["user: weather?", "assistant: <weather>", "tool: [sun]"], model.Script.Sent(1));
        Assert.Equal("r2", (await engine.Sessions.GetAsync(Key("s"), default)).ServiceSessionId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_kept_session_continues_from_calls_that_wait_for_the_caller_and_every_call_gets_a_result(bool answered)
    {
        var model = Model(_ => ScriptedModel.Say("hello"), _ => ScriptedModel.CallTools(("1", "weather")), _ => ScriptedModel.Break(), _ => ScriptedModel.Say("ok"));
        await using var engine = Engine(model);
        var last = answered ? Answer("1", "sun") : Command("s", "never mind") with { CallerTools = [Weather] };

        await engine.RunAsync("s", "hi");
        await engine.RunAsync(Command("s", "weather?") with { CallerTools = [Weather] });
        await engine.RunAsync(last);
        var run = await engine.RunAsync(last);

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal([null, "r1", "r2", "r2"], model.SentIds);
        Assert.Equal(answered ? ["tool: [sun]"] : [$"tool: [{ToolCallPairing.NoResult}]", "user: never mind"], model.Script.Sent(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_or_cancelled_run_leaves_the_last_settled_id(bool cancel)
    {
        var hanging = new Hanging();
        var model = Model(
            _ => ScriptedModel.Say("one"),
            call => cancel ? SayThenHang(hanging, call.Cancellation) : ScriptedModel.Break("half"),
            _ => ScriptedModel.Say("three"));
        await using var engine = Engine(model);

        await engine.RunAsync("s", "first");
        var handle = await engine.Engine.StartAsync(Command("s", "second"), default);
        if (cancel) await hanging.Entered;
        handle.Cancel();
        await handle.Completion;
        await engine.RunAsync("s", "third");

        Assert.Equal([null, "r1", "r1"], model.SentIds);
        Assert.Empty(_history.Appends);
    }

    [Fact]
    public async Task An_id_that_settled_in_a_run_that_failed_afterwards_is_not_taken_over()
    {
        var model = Model(_ => ScriptedModel.Say("one"), _ => ScriptedModel.Say("two"));
        var fail = true;
        await using var engine = Engine(model, Plugin(new Probe.Middleware((r, next, ct) => next(
            fail ? r with { Output = r.Output.Through(_ => throw new FormatException()) } : r, ct)), "m"));

        var failed = await engine.RunAsync("s", "first");
        fail = false;
        await engine.RunAsync("s", "second");

        Assert.Equal(RunStatus.Failed, failed.Status);
        Assert.Equal([null, null], model.SentIds);
        Assert.Equal((RunOutcome.Failed, "Input: first"), (_history.Appends.Single().Outcome, _history.Stored.Single()));
    }

    private static AIFunctionDeclaration Weather =>
        AIFunctionFactory.CreateDeclaration("weather", "The weather.", System.Text.Json.JsonElement.Parse("{}"));

    private static RunCommand Answer(string callId, string result) => Command("s", "") with
    {
        CallerTools = [Weather],
        Input = [new ChatMessage(ChatRole.Tool, [new FunctionResultContent(callId, result)])],
    };

    private static ServiceModel Model(params Func<ScriptedModel.Call, IAsyncEnumerable<ChatResponseUpdate>>[] steps) => new(new ScriptedModel(steps));

    private static PluginInstance Tool() =>
        Plugin(new Probe.Context(_ => new() { Tools = [AIFunctionFactory.Create(() => 7, "work")] }), "tools");

    private TestEngine Engine(ServiceModel model, params PluginInstance[] more) =>
        new(model, [Plugin(_history, "h"), Plugin(_audit, "audit", e => e with { Load = false }), .. more]);

    private static async IAsyncEnumerable<ChatResponseUpdate> SayThenHang(
        Hanging hanging, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(ChatRole.Assistant, "part");
        await hanging.ForeverAsync().WaitAsync(cancellationToken);
    }
}
