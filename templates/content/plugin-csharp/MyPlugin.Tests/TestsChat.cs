using PluginHost.Sdk.Testing;

namespace MyPlugin.Tests;

public sealed class MyPluginTests
{
    [Fact]
    public async Task Every_request_has_the_parameter()
    {
        await using var chain = TestChain.Create(new MyPluginMiddleware(new MyPluginOptions(0.5)));
        chain.Model = ScriptedModel.Say("hello");

        var run = await chain.RunAsync("hi");

        Assert.Equal(0.5f, run.Requests[0].Options?.Temperature);
    }
}
