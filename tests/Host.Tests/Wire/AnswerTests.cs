using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>What a model's server says reaches the caller as it was said.</summary>
public sealed class AnswerTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Tools = """ "tools":[{"type":"function","function":{"name":"f"}}] """;
    private const string Cut = "{\"city\": \"Par";

    private static readonly JsonObject CutCall = new() { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(ChatReplies.Call("c", "f", Cut)) };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_was_cut_off_is_given_as_it_is_and_says_so(bool streamed)
    {
        var (text, _) = await AskAsync(new Plain(CutCall) { Finish = "length" }, $$"""{"messages":[{"role":"user","content":"hi"}],"stream":{{(streamed ? "true" : "false")}}, {{Tools}} }""");

        var message = streamed ? ChatStream.Join(text) : (JsonObject)JsonNode.Parse(text)!["choices"]![0]!["message"]!;
        Assert.Equal(Cut, (string?)message["tool_calls"]![0]!["function"]!["arguments"]);
        Assert.Contains("\"finish_reason\":\"length\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"finish_reason\":\"tool_calls\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugins_tool_is_not_invoked_with_arguments_that_are_not_json_and_the_model_learns_why()
    {
        var call = new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(ChatReplies.Call("c", "remember", "{\"fact\": \"te")) };
        await using var server = await WireServer.StartAsync(new Plain(call));
        using var setup = new OutcomeSetup("sqlite") { Behind = WireCalls.Memory };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.RunAsync("s", "remember tea", streamed: true);
        await host.RunAsync("s", "and now?", streamed: true);

        foreach (var request in server.Requests.Skip(1))
        {
            Assert.Equal("{\"fact\": \"te", (string?)request.Messages.Single(m => m["tool_calls"] is not null)["tool_calls"]![0]!["function"]!["arguments"]);
            Assert.Contains("not a JSON object", (string?)request.Messages.First(m => (string?)m["role"] == "tool")["content"], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Text_before_and_after_a_plugins_tool_is_not_glued(bool streamed)
    {
        var call = new JsonObject { ["role"] = "assistant", ["content"] = "Let me note that.", ["tool_calls"] = new JsonArray(ChatReplies.Call("c", "remember", "{\"fact\":\"tea\"}")) };
        var (text, _) = await AskAsync(
            new Plain(call, new JsonObject { ["role"] = "assistant", ["content"] = "Done." }),
            $$"""{"messages":[{"role":"user","content":"hi"}],"stream":{{(streamed ? "true" : "false")}}}""",
            WireCalls.Memory);

        var message = streamed ? ChatStream.Join(text) : (JsonObject)JsonNode.Parse(text)!["choices"]![0]!["message"]!;
        Assert.Equal("Let me note that.\n\nDone.", (string?)message["content"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reasoning_and_a_refusal_reach_the_caller(bool streamed)
    {
        var reply = new JsonObject { ["role"] = "assistant", ["content"] = null, ["reasoning_content"] = "That is wrong.", ["refusal"] = "I do not." };
        var (text, _) = await AskAsync(new Plain(reply), $$"""{"messages":[{"role":"user","content":"hi"}],"stream":{{(streamed ? "true" : "false")}}}""");

        var message = streamed ? ChatStream.Join(text) : (JsonObject)JsonNode.Parse(text)!["choices"]![0]!["message"]!;
        Assert.Equal(("That is wrong.", "I do not."), ((string?)message["reasoning_content"], (string?)message["refusal"]));
    }

    [Fact]
    public async Task Reasoning_of_one_server_is_not_sent_to_another()
    {
        var reply = new JsonObject { ["role"] = "assistant", ["content"] = null, ["reasoning_content"] = "r", ["tool_calls"] = new JsonArray(ChatReplies.Call("c", "remember", "{\"fact\":\"tea\"}")) };
        await using var first = await WireServer.StartAsync(new Plain(reply));
        await using var second = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Behind = WireCalls.Memory };
        await using (var host = await OutcomeHost.StartAsync(setup, first)) await host.RunAsync("s", "one", streamed: false);

        await using var other = await OutcomeHost.StartAsync(setup, second);
        await other.RunAsync("s", "two", streamed: false);

        Assert.Contains(first.Requests[1].Messages, m => m["reasoning_content"] is not null);
        Assert.DoesNotContain(second.Requests[0].Messages, m => m["reasoning_content"] is not null);
    }

    private static async Task<(string Text, WireServer Server)> AskAsync(Plain dialect, string body, string behind = "")
    {
        await using var server = await WireServer.StartAsync(dialect);
        using var setup = new OutcomeSetup("sqlite") { Behind = behind };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var (status, text, _) = await host.PostTextAsync(Chat, body);
        Assert.True(status == 200, text);
        return (text, server);
    }
}
