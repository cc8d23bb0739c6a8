using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using OpenAI.Responses;
using PluginHost.ModelServer.Dialects;

namespace PluginHost.EndToEnd.OpenAI;

/// <summary>An agent of Microsoft Agent Framework: a call of its tool, and a second turn.</summary>
public sealed class AgentFrameworkTests(OpenAIFixture fixture) : IClassFixture<OpenAIFixture>
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task An_agent_calls_its_tool_and_remembers(bool isResponses, bool streamed)
    {
        fixture.Model.Reset();
        fixture.Model.Dialect = new ToolUser();
        var asked = new List<string>();
        var weather = AIFunctionFactory.Create(
            (string city) =>
            {
                asked.Add(city);
                return $"fine in {city}";
            },
            "weather");
        var client = isResponses ? fixture.CreateResponsesClient().AsIChatClient("assistant") : fixture.CreateChatClient();
        var agent = client.AsAIAgent(instructions: "Be kind.", tools: [weather]);
        var session = await agent.CreateSessionAsync();

        // The package writes a result as JSON, also when it is a text.
        Assert.Equal("It says: \"fine in Rome\"", await AskAsync("Please use weather."));
        Assert.Equal("Hello there", await AskAsync("thanks"));
        Assert.Equal(["Rome"], asked);
        Assert.Equal(5, fixture.GetLastMessages().Count());

        async Task<string> AskAsync(string text) => streamed
            ? (await agent.RunStreamingAsync(text, session).ToAgentResponseAsync()).Text
            : (await agent.RunAsync(text, session)).Text;
    }
}
