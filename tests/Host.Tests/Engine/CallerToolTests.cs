using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Tools that the caller answers.</summary>
public sealed class CallerToolTests
{
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

        Assert.Equal(["user: weather?", "assistant: <weather>", $"tool: [{ToolCallPairing.NoResult}]", "user: never mind"], model.Sent(1));
    }

    [Fact]
    public async Task A_result_without_an_open_call_is_refused_and_nothing_is_stored()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);
        var command = Command("s", "") with { Input = [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("x", "?")])] };

        var refused = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(command));

        Assert.Equal(400, refused.Status);
        Assert.Contains("'x', which is not open", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ProblemException>(async () => await engine.Sessions.GetAsync(Key("s"), default));
    }

    private static System.Text.Json.JsonElement JsonOf(string json) => System.Text.Json.JsonElement.Parse(json);

    private static Probe.Context Tools(params AIFunction[] tools) => new(_ => new ContextContribution { Tools = tools });

    private static AIFunction Counting() => AIFunctionFactory.Create(
        (AIFunctionArguments arguments) => arguments.GetState().Update(new StateKey<int>("count"), n => n + 1), "count");
}
