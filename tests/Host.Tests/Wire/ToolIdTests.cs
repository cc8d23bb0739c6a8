using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>Servers whose ids of calls say little: numbers that begin anew in every message, or another id with every piece.</summary>
public sealed class ToolIdTests
{
    private const string ChatTools = """ "tools":[{"type":"function","function":{"name":"weather"}}] """;

    /// <summary>A call of a plugin's tool, then one of the caller's, both with the id 0.</summary>
    private static Plain Repeating() => new(
        new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(ChatReplies.Call("0", "remember", "{\"fact\":\"tea\"}")) },
        new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(ChatReplies.Call("0", "weather", "{}")) });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_callers_call_and_a_plugins_with_the_same_id_are_kept_apart(bool streamed)
    {
        using var setup = new OutcomeSetup("sqlite") { Behind = Memory };
        var hi = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "hi" });

        await using (var server = await WireServer.StartAsync(Repeating()))
        {
            await using var host = await OutcomeHost.StartAsync(setup, server);
            var message = await host.ChatAsync(hi, streamed);
            Assert.Equal("weather", (string?)Assert.Single(message["tool_calls"]!.AsArray())!["function"]!["name"]);
        }

        await using (var server = await WireServer.StartAsync(Repeating()))
        {
            await using var host = await OutcomeHost.StartAsync(setup, server);
            var response = await RespondAsync(host, streamed, """{"input":"hi","tools":[{"type":"function","name":"weather","parameters":{"type":"object","properties":{}}}]}""");
            Assert.Equal("weather", (string?)Assert.Single(response["output"]!.AsArray(), i => (string?)i!["type"] == "function_call")!["name"]);
        }

        await using (var server = await WireServer.StartAsync(Repeating()))
        {
            await using var host = await OutcomeHost.StartAsync(setup, server);
            var message = await host.SayAsync(hi, streamed);
            Assert.Equal("weather", (string?)Assert.Single(message["content"]!.AsArray())!["name"]);
        }
    }

    [Fact]
    public async Task An_id_that_is_made_anew_for_every_piece_does_not_split_a_call()
    {
        await using var server = await WireServer.StartAsync(new RandomIds());
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var message = await host.ChatAsync(new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "hi" }), streamed: true);

        Same(
            """[{"id":"a1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}},{"id":"b1","type":"function","function":{"name":"weather","arguments":"{}"}}]""",
            message["tool_calls"]);
    }

    /// <summary>As older versions of vLLM and other servers stream calls.</summary>
    private sealed class RandomIds : IDialect
    {
        public WireReply Answer(WireRequest request) => new(200, string.Concat(
            Piece("""{"index":0,"id":"a1","type":"function","function":{"name":"weather"}}"""),
            Piece("""{"index":0,"id":"a2","type":"function","function":{"arguments":"{\"city\":"}}"""),
            Piece("""{"index":0,"id":"a3","type":"function","function":{"arguments":"\"Rome\"}"}}"""),
            Piece("""{"index":1,"id":"b1","type":"function","function":{"name":"weather"}}"""),
            Piece("""{"index":1,"id":"b2","type":"function","function":{"arguments":"{}"}}"""),
            """data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""" + "\n\ndata: [DONE]\n\n"))
        {
            ContentType = "text/event-stream",
        };

        private static string Piece(string call) => $$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{{call}}]},"finish_reason":null}]}""" + "\n\n";
    }
}
