using PluginHost.Sdk.Testing;

namespace MyPlugin.Tests;

public sealed class MyPluginTests
{
    [Fact]
    public async Task The_model_gets_the_time_and_a_tool()
    {
        await using var context = new TestPluginContext("my-plugin");
        await using var chain = TestChain.Create(new MyPluginProvider(new MyPluginOptions("yyyy"), context));
        chain.Model = ScriptedModel.Call("exact_time").Say("It is late.");

        var run = await chain.RunAsync("What time is it?");

        Assert.Equal("It is late.", run.Text);
        Assert.Contains("It is 2", run.Requests[0].Instructions);
        Assert.Equal(2, run.Requests.Count);
    }
}
