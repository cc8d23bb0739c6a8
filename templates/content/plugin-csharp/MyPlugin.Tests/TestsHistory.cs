using PluginHost.Sdk.Testing;
using PluginHost.Sdk.Testing.Conformance;

namespace MyPlugin.Tests;

public sealed class MyPluginTests
{
    private static readonly ConformanceSuite Suite =
        ConformanceSuite.Create("my-plugin", context => new MyPluginHistory(new MyPluginOptions(), context));

    public static TheoryData<string> Rules => [.. Suite.Cases];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task The_history_keeps_the_rule(string rule) => Suite.RunAsync(rule);

    [Fact]
    public async Task A_run_has_the_messages_of_earlier_ones()
    {
        await using var context = new TestPluginContext("my-plugin");
        await using var chain = TestChain.Create(new MyPluginHistory(new MyPluginOptions(), context));
        chain.Model = ScriptedModel.Say("Hello, Ada.").Say("You are Ada.");

        await chain.RunAsync("I am Ada.");
        var run = await chain.RunAsync("Who am I?");

        Assert.Equal(["I am Ada.", "Hello, Ada.", "Who am I?"], run.Requests[0].Messages.Select(m => m.Text));
    }
}
