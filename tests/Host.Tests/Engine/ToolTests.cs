using Microsoft.Extensions.AI;
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
    public async Task Arguments_that_a_function_middleware_adds_reach_only_the_tool()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "look")), _ => ScriptedModel.Say("done"));
        var look = AIFunctionFactory.Create((string at) => $"looked at {at}", "look");
        var adding = new Probe.Function((call, next, ct) =>
        {
            call.Arguments["at"] = "a secret";
            return next(call, ct);
        });
        await using var engine = new TestEngine(model, [Plugin(Tools(look), "looker"), Plugin(adding, "adding")]);

        var run = await engine.RunAsync("s", "look");

        Assert.Equal("looked at a secret", run.Output.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single().Result?.ToString());
        Assert.Empty(run.Output.SelectMany(m => m.Contents).OfType<FunctionCallContent>().Single().Arguments!);
        Assert.Empty(model.Calls[1].Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().Single().Arguments!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tool_keeps_its_session_and_state_when_a_function_middleware_replaces_its_arguments(bool byTheSdk)
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "look")), _ => ScriptedModel.Say("done"));
        var look = AIFunctionFactory.Create(
            (string at, AIFunctionArguments arguments) => $"{at} {arguments.GetSession().Id} {arguments.GetState() is not null}", "look");
        var values = new Dictionary<string, object?> { ["at"] = "here" };
        var replacing = new Probe.Function((call, next, ct) =>
            next(byTheSdk ? call.WithArguments(values) : call with { Arguments = new AIFunctionArguments(values) }, ct));
        await using var engine = new TestEngine(model, [Plugin(Tools(look), "looker"), Plugin(replacing, "replacing")]);

        var run = await engine.RunAsync("s", "look");

        Assert.Equal("here s True", run.Output.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single().Result?.ToString());
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

    [Theory]
    [InlineData("one", "two")]
    [InlineData("two", "one")]
    public async Task A_tool_that_allows_it_is_left_out_where_another_one_has_its_name(string first, string second)
    {
        var plugins = new Dictionary<string, Probe.Context> { ["one"] = Tools(Named("count", optional: false)), ["two"] = Tools(Named("count", optional: true), Named("look", optional: true)) };
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "count")), _ => ScriptedModel.Say("ok"));
        await using var engine = new TestEngine(model, [Plugin(plugins[first], first), Plugin(plugins[second], second)]);

        var run = await engine.RunAsync("s", "go");

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal(["count", "look"], model.Calls[0].Options!.Tools!.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.Equal("count False", run.Output.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single().Result?.ToString());
    }

    [Fact]
    public async Task Of_two_tools_of_one_plugin_that_allow_it_the_first_one_stays()
    {
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, [Plugin(Tools(Named("count", optional: true), Named("count", optional: true)), "one")]);

        var run = await engine.RunAsync("s", "go");

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal(["count"], model.Calls[0].Options!.Tools!.Select(t => t.Name));
    }

    private static AIFunction Named(string name, bool optional) => AIFunctionFactory.Create(
        () => $"{name} {optional}",
        new AIFunctionFactoryOptions { Name = name, AdditionalProperties = new Dictionary<string, object?> { [ContextContribution.OptionalTool] = optional } });

    private static Probe.Context Tools(params AIFunction[] tools) => new(_ => new ContextContribution { Tools = tools });

    private static AIFunction Counting() => AIFunctionFactory.Create(
        (AIFunctionArguments arguments) => arguments.GetState().Update(new StateKey<int>("count"), n => n + 1), "count");

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
