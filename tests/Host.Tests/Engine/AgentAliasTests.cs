using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Configuration;

namespace PluginHost.Tests.Engine;

public sealed class AgentAliasTests : IDisposable
{
    private readonly ConfigurationFixture _fixture = new();

    [Theory]
    [InlineData("small", "small")]
    [InlineData("gpt-5", "large")]
    [InlineData("gpt-5-mini", "small")]
    [InlineData("gpt-5-mini-2025", "small")]
    [InlineData("gpt-4", "large")]
    [InlineData("GPT-5", null)]
    [InlineData("claude", null)]
    public async Task A_name_wins_over_an_alias_and_the_longest_alias_over_shorter_ones(string asked, string? expected)
    {
        await using var engine = new TestEngine(
        [
            (new AgentConfiguration("large") { Aliases = ["gpt-*", "gpt-5"] }, ScriptedModel.Saying("hello"), []),
            (new AgentConfiguration("small") { Aliases = ["gpt-5-mini*"] }, ScriptedModel.Saying("hello"), []),
        ]);

        Assert.Equal(expected, engine.Set.Find(asked)?.Agent.Name);
    }

    [Fact]
    public void Wrong_aliases_are_named_with_their_path()
    {
        var errors = _fixture.Errors("""{ "Agents": { "a": { "Aliases": [ "b", "two words", "x*y" ] }, "b": { "Aliases": [ "c", "c" ] } } }""");

        Assert.Equal(
            [
                "Agents:a:Aliases:0: 'b' is already a name of the agent 'b'. Remove one of them.",
                $"Agents:a:Aliases:1: This is not an alias. Allowed are {AgentNames.AllowedAliases}.",
                $"Agents:a:Aliases:2: This is not an alias. Allowed are {AgentNames.AllowedAliases}.",
                "Agents:b:Aliases:1: 'c' is already a name of the agent 'b'. Remove one of them.",
            ],
            errors);
    }

    public void Dispose() => _fixture.Dispose();
}
