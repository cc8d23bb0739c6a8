using Microsoft.Extensions.AI;
using PluginHost.Pipeline;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

public sealed class ToolTests
{
    [Fact]
    public async Task A_tool_of_a_context_provider_is_called_in_the_loop_and_keeps_state_in_the_session()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "count")), _ => ScriptedModel.Say("done"));
        await using var engine = new TestEngine(model, [Plugin(Tools(Counting()), "counter")]);

        var first = await engine.RunAsync("s", "count");
        model.Calls.Clear();
        await engine.RunAsync("s", "count again");

        Assert.Equal(["assistant: <count>", "tool: [1]", "assistant: done"], first.Output.Select(m => $"{m.Role}: {Describe(m)}"));
        Assert.Contains("tool: [2]", model.Sent(1));
        var session = await engine.Sessions.GetAsync(Key("s"), default);
        Assert.Equal("{\"count\":2}", session.State["counter"].GetRawText());
    }

    [Fact]
    public async Task State_is_kept_when_a_run_is_cancelled_or_completed_and_discarded_when_it_fails()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "count")), _ => ScriptedModel.Break());
        await using var engine = new TestEngine(model, [Plugin(Tools(Counting()), "counter")]);

        var failed = await engine.RunAsync("s", "count");

        Assert.Equal(RunStatus.Failed, failed.Status);
        Assert.Empty((await engine.Sessions.GetAsync(Key("s"), default)).State);
    }

    [Fact]
    public async Task Calls_of_plugin_and_caller_in_one_message_run_the_plugins_and_leave_the_callers_open()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("a", "weather"), ("b", "count")), _ => ScriptedModel.Say("sunny"));
        await using var engine = new TestEngine(model, [Plugin(Tools(Counting()), "counter")]);
        var weather = AIFunctionFactory.CreateDeclaration("weather", "The weather.", JsonOf("{}"));

        var open = await engine.RunAsync(Command("s", "weather?") with { CallerTools = [weather] });
        var answered = await engine.RunAsync(Command("s", "") with
        {
            CallerTools = [weather],
            Input = [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", "sun")])],
        });

        Assert.Equal(RunStatus.RequiresAction, open.Status);
        Assert.Equal(["assistant: <count><weather>", "tool: [1]"], open.Output.Select(m => $"{m.Role}: {Describe(m)}"));
        Assert.Equal("sunny", answered.Output.Single().Text);
        Assert.Equal(["user: weather?", "assistant: <count><weather>", "tool: [1]", "tool: [sun]"], model.Sent(1));
    }

    [Fact]
    public async Task An_open_call_that_is_never_answered_is_balanced_before_the_next_model_call()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("a", "weather")), _ => ScriptedModel.Say("ok"));
        await using var engine = new TestEngine(model, []);
        var weather = AIFunctionFactory.CreateDeclaration("weather", "The weather.", JsonOf("{}"));

        await engine.RunAsync(Command("s", "weather?") with { CallerTools = [weather] });
        await engine.RunAsync("s", "never mind");

        Assert.Equal(["user: weather?", "assistant: <weather>", $"tool: [{Transcript.NoResult}]", "user: never mind"], model.Sent(1));
    }

    [Fact]
    public async Task A_result_without_an_open_call_is_refused_and_nothing_is_stored()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);
        var command = Command("s", "") with { Input = [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("x", "?")])] };

        var refused = await Assert.ThrowsAsync<Sessions.ProblemException>(() => engine.RunAsync(command));

        Assert.Equal(400, refused.Status);
        Assert.Contains("'x', which is not open", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Sessions.ProblemException>(async () => await engine.Sessions.GetAsync(Key("s"), default));
    }

    [Fact]
    public async Task A_cancel_in_the_second_tool_keeps_the_first_ones_result_and_answers_the_second()
    {
        var inSecond = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        var hanging = AIFunctionFactory.Create(
            async (CancellationToken ct) =>
            {
                inSecond.SetResult();
                await never.Task.WaitAsync(ct);
            },
            "hang");
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "count"), ("2", "hang")), _ => ScriptedModel.Say("ok"));
        await using var engine = new TestEngine(model, [Plugin(Tools(Counting(), hanging), "tools")]);

        var handle = await engine.Engine.StartAsync(Command("s", "go"), default);
        await inSecond.Task;
        var cancelled = await engine.Engine.CancelAsync(Key("s"), handle.Record.Id, default);

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.Equal(["user: go", "assistant: <count><hang>", "tool: [1][The call was cancelled.]"], await engine.StoredAsync("s"));
        Assert.Equal(1, (await engine.Sessions.GetAsync(Key("s"), default)).State["tools"].GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Function_middleware_nests_by_position_and_may_change_arguments_and_results()
    {
        var order = new List<string>();
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "count")), _ => ScriptedModel.Say("done"));
        await using var engine = new TestEngine(model, [Plugin(Around("f1"), "f1"), Plugin(Tools(Counting()), "counter"), Plugin(Around("f2"), "f2")]);

        await engine.RunAsync("s", "go");

        Assert.Equal(["f1>counter", "f2>counter", "<f2", "<f1"], order);
        Assert.Contains("tool: [1 f2 f1]", model.Sent(1));

        Probe.Function Around(string name) => new(async (call, next, ct) =>
        {
            order.Add($"{name}>{call.Source}");
            var result = await next(call, ct);
            order.Add($"<{name}");
            return $"{result} {name}";
        });
    }

    [Fact]
    public async Task Chat_middleware_wraps_every_model_call_of_the_tool_loop_outermost_first()
    {
        var calls = new List<string>();
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "count")), _ => ScriptedModel.Say("done"));
        await using var engine = new TestEngine(model, [Plugin(Noting("one"), "one"), Plugin(Tools(Counting()), "counter"), Plugin(Noting("two"), "two")]);

        await engine.RunAsync("s", "go");

        Assert.Equal(["one:1", "two:1", "one:3", "two:3"], calls);

        Probe.Chat Noting(string name) => new((inner, _) => new NotingClient(inner, messages => calls.Add($"{name}:{messages.Count()}")));
    }

    [Fact]
    public async Task Two_tools_of_one_name_fail_the_run_and_both_owners_are_named()
    {
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"), [Plugin(Tools(Counting()), "one"), Plugin(Tools(Counting()), "two")]);

        var run = await engine.RunAsync("s", "go");

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("'count' is given twice, by plugin 'one' and by plugin 'two'", run.Error!.Message, StringComparison.Ordinal);
    }

    private static System.Text.Json.JsonElement JsonOf(string json) => System.Text.Json.JsonElement.Parse(json);

    private static Probe.Context Tools(params AIFunction[] tools) => new(_ => new ContextContribution { Tools = tools });

    private static AIFunction Counting() => AIFunctionFactory.Create(
        (AIFunctionArguments arguments) => arguments.GetState().Update("count", StateTypes.Default.Int32, n => n + 1), "count");

    private sealed class NotingClient(IChatClient inner, Action<IEnumerable<ChatMessage>> note) : DelegatingChatClient(inner)
    {
        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            note(messages);
            return base.GetStreamingResponseAsync(messages, options, cancellationToken);
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(int))]
internal sealed partial class StateTypes : System.Text.Json.Serialization.JsonSerializerContext;
