using PluginHost.Sdk.Testing;

namespace MyPlugin.Tests;

public sealed class MyPluginTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answers_are_changed_streamed_or_not(bool streamed)
    {
        await using var chain = TestChain.Create(new MyPluginMiddleware(new MyPluginOptions()));
        chain.Model = ScriptedModel.Say("hel", "lo");

        Assert.Equal("HELLO", (await chain.RunAsync("hi", streamed)).Text);
    }

    [Fact]
    public async Task Some_runs_never_reach_the_model()
    {
        await using var chain = TestChain.Create(new MyPluginMiddleware(new MyPluginOptions("secret")));
        chain.Model = ScriptedModel.Say("hello");

        var run = await chain.RunAsync("Tell me a secret.");

        Assert.Equal("I do not talk about that.", run.Text);
        Assert.Empty(run.Requests);
    }
}
