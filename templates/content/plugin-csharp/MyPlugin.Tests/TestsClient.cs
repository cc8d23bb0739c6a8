using PluginHost.Sdk.Testing;

namespace MyPlugin.Tests;

public sealed class MyPluginTests
{
    [Fact]
    public async Task The_client_answers()
    {
        await using var chain = TestChain.Create(new MyPluginFactory(new MyPluginOptions("> ")));

        Assert.Equal("> hello", (await chain.RunAsync("hello")).Text);
    }
}
