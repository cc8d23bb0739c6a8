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

    private static OutcomeSetup Create(AnthropicServer server, string behind = """{ "Plugin": "memory" }""") => new("sqlite")
    {
        Client = $$"""{ "Client": "anthropic", "Model": "claude-test", "Options": { "ApiKey": "{{AnthropicServer.Key}}", "BaseUrl": "{{server.Endpoint}}", "MaxRetries": 0, "ThinkingTokens": 2000 } }""",
        Behind = behind,
    };

    [Fact]
    public async Task A_call_that_was_cut_off_is_not_made_after_the_approval_of_another()
    {
        var cut = ToolUse("toolu_2", "remember", []);
        cut["cut_input"] = """{"fact": "likes co""";
        await using var server = await AnthropicServer.StartAsync(
            new AnthropicReply(ToolUse("toolu_1", "remember", new JsonObject { ["fact"] = "likes tea" }), cut) { StopReason = "max_tokens" }, new AnthropicReply(Text("Noted.")));
        using var setup = Create(server, """{ "Plugin": "memory", "Host": { "Approve": ["remember"] } }""");
        await using var host = await OutcomeHost.StartAsync(setup, server.Endpoint);
        var run = (await host.RunAsync("s", "I like tea and coffee.")).Run("id");
        var asked = Assert.Single((await host.GetAsync("/v1/approvals")).Json.GetProperty("data").EnumerateArray());

        await host.PostAsync($"/v1/approvals/{asked.GetProperty("id").GetString()}", JsonNode.Parse("""{"approve":true}"""));

        Assert.Equal("completed", (await host.EndOfAsync("s", run)).GetProperty("status").GetString());
        Assert.Contains("was not invoked", (string)server.Requests[1].Blocks(2)[1]!["content"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explanation_has_the_hash_of_what_was_sent()
    {
        await using var server = await AnthropicServer.StartAsync(new AnthropicReply(ToolUse("toolu_1", "remember", new JsonObject { ["fact"] = "likes tea" })), new AnthropicReply(Text("Noted.")));
        using var setup = Create(server);
        await using var host = await OutcomeHost.StartAsync(setup, server.Endpoint);
        var run = (await host.RunAsync("s", "I like tea.")).Run("id");

        var calls = (await host.GetAsync($"/v1/sessions/s/runs/{run}/explain")).Json.GetProperty("calls").EnumerateArray();
        var replay = (await host.PostAsync("/v1/sessions/s/replay")).Json;

        Assert.Equal(server.Requests.Select(r => r.BodySha256), calls.Select(c => c.GetProperty("body_sha256").GetString()!));
        Assert.True(replay.GetProperty("same").GetInt32() == 1, replay.GetRawText());
    }

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
            var run = await host.RunToEndAsync("s", "I like tea.", streamed);
            Assert.Equal("completed", run.GetProperty("status").GetString());
            Assert.Equal((630, 300), (run.GetProperty("usage").GetProperty("input_tokens").GetInt32(), run.GetProperty("usage").GetProperty("cached_input_tokens").GetInt32()));
        }

        await using (var host = await OutcomeHost.StartAsync(setup, server.Endpoint))
        {
            var run = await host.RunToEndAsync("s", "And now?", streamed);
            Assert.Equal("completed", run.GetProperty("status").GetString());
        }

        const string Loop = """[{"type":"thinking","thinking":"Tea.\n I \"remember\" – \uD83C\uDF75","signature":"ErUBCkYIBRgCIkA/+=="},{"type":"redacted_thinking","data":"EmwKAhgBEgy3va3pzix/=="},{"type":"text","text":"I note it."},{"type":"tool_use","id":"toolu_01A","name":"remember","input":{"fact":"likes tea"}}]""";
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(Loop, server.Requests[1].Blocks(1).ToJsonString(AsSent));
        Assert.Equal(Loop, server.Requests[2].Blocks(1).ToJsonString(AsSent));
        Assert.Equal("""[{"type":"thinking","thinking":"Done.","signature":"c2ln/2=="},{"type":"text","text":"Noted."}]""", server.Requests[2].Blocks(3).ToJsonString(AsSent));
    }

    [Theory]
    [InlineData("/v1/chat/completions", """
        { "messages": [ { "role": "user", "content": "Look." },
          { "role": "assistant", "content": null, "tool_calls": [ { "id": "c", "type": "function", "function": { "name": "look", "arguments": "{}" } } ] },
          { "role": "tool", "tool_call_id": "c", "content": [ { "type": "text", "text": "one" }, { "type": "text", "text": "two" } ] } ] }
        """, """[{"type":"text","text":"one"},{"type":"text","text":"two"}]""")]
    [InlineData("/v1/responses", """
        { "input": [ { "role": "user", "content": "Look." }, { "type": "function_call", "call_id": "c", "name": "look", "arguments": "{}" },
          { "type": "function_call_output", "call_id": "c", "output": [ { "type": "input_text", "text": "see" }, { "type": "input_image", "image_url": "data:image/png;base64,AQID" } ] } ] }
        """, """[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}]""")]
    public async Task Parts_of_a_callers_result_are_blocks_now_and_from_a_history(string path, string body, string expected)
    {
        await using var server = await AnthropicServer.StartAsync();
        using var setup = Create(server);
        await using var host = await OutcomeHost.StartAsync(setup, server.Endpoint);

        var first = await host.PostAsync(path, JsonNode.Parse(body));
        if (path == "/v1/responses") await host.PostAsync(path, new JsonObject { ["input"] = "And?", ["previous_response_id"] = first.Run("id") });

        Assert.Equal(200, first.Status);
        Assert.Equal(path == "/v1/responses" ? 2 : 1, server.Requests.Count);
        Assert.All(server.Requests, r => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), r.Blocks(2)[0]!["content"]), r.Blocks(2).ToJsonString()));
    }

    [Fact]
    public async Task A_session_that_outgrows_the_model_continues()
    {
        await using var server = await AnthropicServer.StartAsync();
        server.MaxChars = 20_000;
        using var setup = Create(server);
        await using var host = await OutcomeHost.StartAsync(setup, server.Endpoint);

        await host.OutgrowModelAsync("s");

        Assert.Contains(server.Requests, r => r.Body.ToJsonString().Length > server.MaxChars);
    }

    [Fact]
    public async Task A_callers_result_that_failed_says_so_also_after_a_restart()
    {
        await using var server = await AnthropicServer.StartAsync();
        using var setup = Create(server);
        const string Failed = """
            { "model": "assistant", "max_tokens": 500, "messages": [ { "role": "user", "content": "Weather?" },
              { "role": "assistant", "content": [ { "type": "tool_use", "id": "toolu_1", "name": "weather", "input": {} } ] },
              { "role": "user", "content": [ { "type": "tool_result", "tool_use_id": "toolu_1", "content": "down", "is_error": true } ] } ] }
            """;
        await using (var host = await OutcomeHost.StartAsync(setup, server.Endpoint))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(Failed, null, "application/json") };
            request.Headers.Add("PluginHost-Session", "s");
            using var answer = await host.Http.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        await using var again = await OutcomeHost.StartAsync(setup, server.Endpoint);
        await again.RunAsync("s", "And now?");

        Assert.Equal(2, server.Requests.Count);
        Assert.All(server.Requests, r => Assert.True((bool?)r.Blocks(2)[0]!["is_error"], r.Blocks(2).ToJsonString()));
        Assert.All(server.Requests, r => Assert.Equal("down", (string?)r.Blocks(2)[0]!["content"]));
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
}
