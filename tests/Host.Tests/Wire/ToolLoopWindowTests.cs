using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>A client that sends a window of its transcript, or all of it, in the middle of a tool loop: the session has each message once.</summary>
public sealed class ToolLoopWindowTests
{
    [Theory]
    [InlineData("sqlite", 3)]
    [InlineData("sqlite", 4)]
    [InlineData("files", 4)]
    [InlineData("sqlite", 1000)]
    public async Task A_window_in_a_tool_loop_is_stored_once(string store, int window)
    {
        await using var server = await WireServer.StartAsync(new TwoCalls());
        using var setup = new OutcomeSetup(store);
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var all = new List<JsonObject>();
        for (var turn = 0; turn < 4; turn++)
        {
            all.Add(new JsonObject { ["role"] = "user", ["content"] = $"turn {turn}" });
            while (true)
            {
                var answer = await host.ChatAsync([.. all.TakeLast(window).Select(m => m.DeepClone())], streamed: turn % 2 == 0, "s");
                all.Add((JsonObject)answer.DeepClone());
                if (answer["tool_calls"] is not JsonArray calls) break;
                foreach (var call in calls) all.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string)call!["id"]!, ["content"] = "sunny" });
            }
        }

        Assert.Equal(24, all.Count);
        Assert.Equal(24, (await host.StoredAsync("s")).Count);
    }

    [Fact]
    public async Task A_service_that_keeps_the_conversation_gets_the_results_alone_and_no_copies()
    {
        await using var server = await WireServer.StartAsync(new OpenAIResponses());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        await host.RunAsync("s", "zero", streamed: false);
        var first = await host.ChatAsync([new JsonObject { ["role"] = "user", ["content"] = "one" }], streamed: false, "s");

        await host.ChatAsync([(JsonObject)first.DeepClone(), new JsonObject { ["role"] = "tool", ["tool_call_id"] = "call_1", ["content"] = "sunny" }], streamed: false, "s");
        var (status, text, _) = await host.PostTextAsync(
            "/v1/chat/completions", """{"messages":[{"role":"assistant","content":"answer 2"},{"role":"user","content":"two"}]}""", ("PluginHost-Session", "s"));

        Assert.Equal("function_call_output", (string?)Assert.Single(server.Requests[2].Input)["type"]);
        Assert.Equal((409, "transcript_diverged"), (status, (string?)JsonNode.Parse(text)!["error"]!["code"]));
        Assert.Equal(3, server.Requests.Count);
    }

    /// <summary>Calls a tool twice, one call after the other, then answers.</summary>
    private sealed class TwoCalls : IDialect
    {
        private int _count;

        public WireReply Answer(WireRequest request)
        {
            if (Pairing.CheckMessages(request.Messages) is { } wrong) return WireReply.Error(400, wrong);
            var number = _count++;
            var results = request.Messages.Reverse().TakeWhile(m => (string?)m["role"] != "user").Count(m => (string?)m["role"] == "tool");
            return ChatReplies.From(request, results < 2
                ? new() { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(ChatReplies.Call($"call_{number}", "weather", "{}")) }
                : new() { ["role"] = "assistant", ["content"] = $"answer {number}" });
        }
    }
}
