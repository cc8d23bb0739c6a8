using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Access;

public sealed class StateLimitTests
{
    private static readonly StateKey<string> Text = new("text");

    [Fact]
    public async Task State_of_a_plugin_that_grows_too_large_stays_as_it_was_and_the_run_completes()
    {
        var model = new ScriptedModel(CallBoth, Answer, CallBoth, Answer);
        await using var engine = new TestEngine(
            model, [Hoarder("greedy", 700), Hoarder("modest", 10)], new SessionsConfiguration { MaxStateBytes = 1024 });

        var first = await engine.RunAsync("s", "x");
        var second = await engine.RunAsync("s", "y");

        Assert.Empty(first.Skipped);
        Assert.Equal((RunStatus.Completed, "hello"), (second.Status, second.Output[^1].Text));
        Assert.Equal(["greedy"], second.Skipped);
        var state = (await engine.Sessions.GetAsync(TestEngine.Key("s"), CancellationToken.None)).State;
        Assert.Equal(700, state["greedy"].GetProperty("text").GetString()!.Length);
        Assert.Equal(20, state["modest"].GetProperty("text").GetString()!.Length);
    }

    private static IAsyncEnumerable<ChatResponseUpdate> CallBoth(ScriptedModel.Call call) => ScriptedModel.CallTools(("1", "greedy"), ("2", "modest"));

    private static IAsyncEnumerable<ChatResponseUpdate> Answer(ScriptedModel.Call call) => ScriptedModel.Say("hello");

    /// <summary>Has a tool that adds to its state with every call.</summary>
    private static PluginInstance Hoarder(string name, int more) => TestEngine.Plugin(new Provider(name, more), name);

    private sealed class Provider(string name, int more) : IContextProvider
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(new ContextContribution
        {
            Tools =
            [
                AIFunctionFactory.Create((AIFunctionArguments arguments) => arguments.GetState().Update(Text, old => old + new string('x', more)).Length, name),
            ],
        });
    }
}
