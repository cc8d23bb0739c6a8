using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer.Anthropic;
using static PluginHost.ModelServer.Anthropic.AnthropicReply;

namespace PluginHost.Tests.Outcomes;

/// <summary>An agent on Anthropic's service. The server refuses what the real one refuses, above all thinking that comes back changed.</summary>
public sealed class AnthropicModelTests
{
    private static readonly JsonSerializerOptions AsSent = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static OutcomeSetup Create(AnthropicServer server, string options = """, "ThinkingTokens": 2000""") => new("sqlite")
    {
        Client = $$"""{ "Client": "anthropic", "Model": "claude-test", "Options": { "ApiKey": "{{AnthropicServer.Key}}", "BaseUrl": "{{server.Endpoint}}", "MaxRetries": 0{{options}} } }""",
        Behind = """{ "Plugin": "memory" }""",
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thinking_goes_back_byte_for_byte_in_a_tool_loop_and_after_a_restart(bool streamed)
    {
        await using var server = await AnthropicServer.StartAsync(
            new AnthropicReply(Thinking("Tea.\n I \"remember\" – 🍵", "ErUBCkYIBRgCIkA/+=="), Redacted("EmwKAhgBEgy3va3pzix/=="), Text("I note it."), ToolUse("toolu_01A", "remember", new JsonObject { ["fact"] = "likes tea" }))
            {
                Usage = new JsonObject { ["input_tokens"] = 10, ["cache_creation_input_tokens"] = 300 },
            },
            new AnthropicReply(Thinking("Done.", "c2ln/2=="), Text("Noted.")) { Usage = new JsonObject { ["input_tokens"] = 20, ["cache_read_input_tokens"] = 300 } });
        using var setup = Create(server);
        await using (var host = await OutcomeHost.StartAsync(setup, server.Endpoint))
        {
            var run = await RunAsync(host, "I like tea.", streamed);
            Assert.Equal("completed", run.GetProperty("status").GetString());
            Assert.Equal((630, 300), (run.GetProperty("usage").GetProperty("input_tokens").GetInt32(), run.GetProperty("usage").GetProperty("cached_input_tokens").GetInt32()));
        }

        await using (var host = await OutcomeHost.StartAsync(setup, server.Endpoint))
        {
            var run = await RunAsync(host, "And now?", streamed);
            Assert.Equal("completed", run.GetProperty("status").GetString());
        }

        const string Loop = """[{"type":"thinking","thinking":"Tea.\n I \"remember\" – \uD83C\uDF75","signature":"ErUBCkYIBRgCIkA/+=="},{"type":"redacted_thinking","data":"EmwKAhgBEgy3va3pzix/=="},{"type":"text","text":"I note it."},{"type":"tool_use","id":"toolu_01A","name":"remember","input":{"fact":"likes tea"}}]""";
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(Loop, server.Requests[1].Blocks(1).ToJsonString(AsSent));
        Assert.Equal(Loop, server.Requests[2].Blocks(1).ToJsonString(AsSent));
        Assert.Equal("""[{"type":"thinking","thinking":"Done.","signature":"c2ln/2=="},{"type":"text","text":"Noted."}]""", server.Requests[2].Blocks(3).ToJsonString(AsSent));
    }

    [Fact]
    public async Task A_session_that_outgrows_the_model_continues()
    {
        await using var server = await AnthropicServer.StartAsync();
        server.MaxChars = 20_000;
        using var setup = Create(server);
        await using var host = await OutcomeHost.StartAsync(setup, server.Endpoint);

        for (var i = 0; i < 8; i++)
        {
            var answer = await host.RunAsync("s", $"{i} {string.Concat(Enumerable.Repeat("many words of one message ", 150))}");
            Assert.Equal("completed", answer.Run("status"));
        }

        Assert.Contains(server.Requests, r => r.Body.ToJsonString().Length > server.MaxChars);
    }

    [Fact]
    public async Task Thinking_that_a_caller_does_not_see_goes_back_with_the_callers_tool()
    {
        await using var server = await AnthropicServer.StartAsync(new AnthropicReply(Thinking("Which city?", "c2lnMQ=="), ToolUse("toolu_1", "weather", new JsonObject { ["city"] = "Bonn" })));
        using var setup = Create(server);
        await using var host = await OutcomeHost.StartAsync(setup, server.Endpoint);
        var request = JsonNode.Parse("""
            { "model": "assistant", "max_tokens": 500, "tools": [ { "name": "weather", "input_schema": { "type": "object" } } ],
              "messages": [ { "role": "user", "content": "Weather?" } ] }
            """)!;

        var first = await host.PostAsync("/v1/messages", request);
        var content = JsonNode.Parse(first.Json.GetProperty("content").GetRawText());
        request["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = content });
        request["messages"]!.AsArray().Add(JsonNode.Parse("""{ "role": "user", "content": [ { "type": "tool_result", "tool_use_id": "toolu_1", "content": "rain" } ] }"""));
        var second = await host.PostAsync("/v1/messages", request);

        Assert.DoesNotContain("Which city?", first.Json.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("end_turn", second.Run("stop_reason"));
        Assert.Equal("""{"type":"thinking","thinking":"Which city?","signature":"c2lnMQ=="}""", server.Requests[1].Blocks(1)[0]!.ToJsonString());
        Assert.Equal(2000, (int)server.Requests[1].Body["thinking"]!["budget_tokens"]!);
    }

    private static async Task<JsonElement> RunAsync(OutcomeHost host, string input, bool streamed)
    {
        if (!streamed) return (await host.RunAsync("s", input)).Json;
        using var events = await host.StreamAsync("s", input);
        return (await events.RestAsync())[^1].Data;
    }
}
