using Microsoft.Extensions.AI;
using PluginHost.Sdk;
using PluginHost.Sdk.Testing;

namespace MyPlugin.Tests;

public sealed class MyPluginTests
{
    [Theory]
    [InlineData("dice", "The tool dice is not allowed here.")]
    [InlineData("other", "6")]
    public async Task A_denied_tool_is_not_called(string denied, string result)
    {
        await using var context = new TestPluginContext("my-plugin");
        await using var chain = TestChain.Create(new MyPluginMiddleware(new MyPluginOptions([denied]), context), new Dice());
        chain.Model = ScriptedModel.Call("dice").Say("done");

        var run = await chain.RunAsync("Roll the dice.");

        var answer = run.Requests[1].Messages[^1].Contents.OfType<FunctionResultContent>().Single();
        Assert.Equal(result, answer.Result?.ToString());
        Assert.Contains(context.Logs, l => l.Message == "The model calls dice.");
    }

    private sealed class Dice : IContextProvider
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
            new(new ContextContribution { Tools = [AIFunctionFactory.Create(() => "6", "dice")] });
    }
}
