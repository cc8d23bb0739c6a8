using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Api;
using PluginHost.Tests.OpenAI;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>Custom tools, which take a text: as Codex sends them, to a service that has them and to one that does not.</summary>
public sealed class CustomToolTests
{
    private const string Tools = """
        [{"type":"function","name":"shell","parameters":{"type":"object","properties":{}},"strict":false},
        {"type":"custom","name":"apply_patch","description":"Edits.","format":{"type":"grammar","syntax":"lark","definition":"start: \"x\""}}]
        """;

    [Fact]
    public async Task A_custom_tool_is_a_function_of_a_text_where_the_service_has_none()
    {
        var call = new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(ChatReplies.Call("c", "apply_patch", "{\"input\":\"*** Begin\\nx\"}")) };
        await using var server = await WireServer.StartAsync(new Plain(call));
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (status, text, _) = await host.PostTextAsync(
            "/v1/responses", $$"""{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}],"stream":true,"store":false,"tools":{{Tools}},"client_metadata":{"a":"b"},"prompt_cache_key":"k"}""");
        Assert.True(status == 200, text);
        var events = ResponsesClient.EventsIn(text);
        var second = await host.AskAsync(
            "/v1/responses",
            $$"""{"input":[{"role":"user","content":"hi"},{"type":"custom_tool_call","call_id":"c","name":"apply_patch","input":"*** Begin\nx"},{"type":"custom_tool_call_output","call_id":"c","output":"Done."}],"store":false,"tools":{{Tools}}}""");

        Assert.Equal(
            ["response.created", "response.in_progress", "response.output_item.added", "response.custom_tool_call_input.delta", "response.custom_tool_call_input.done", "response.output_item.done", "response.completed"],
            events.Types());
        Assert.Equal("*** Begin\nx", events[5].GetProperty("item").Text("input"));
        Assert.Equal("ok", (string?)second["output"]![0]!["content"]![0]!["text"]);
        Same("""{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}""", server.Requests[0].Body["tools"]![1]!["function"]!["parameters"]);
        Same("""{"input":"*** Begin\nx"}""", JsonNode.Parse((string)server.Requests[1].Messages[1]["tool_calls"]![0]!["function"]!["arguments"]!));
        Assert.Equal("Done.", (string?)server.Requests[1].Messages[2]["content"]);
    }

    [Fact]
    public async Task A_service_with_custom_tools_gets_them_as_sent()
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.AskAsync(
            "/v1/responses",
            $$"""{"input":[{"role":"user","content":"hi"},{"type":"custom_tool_call","call_id":"c","name":"apply_patch","input":"x"},{"type":"custom_tool_call_output","call_id":"c","output":"Done."}],"store":false,"tools":{{Tools}}}""");

        Same(Tools, server.Requests[0].Body["tools"]);
        Same("""[{"type":"custom_tool_call","call_id":"c","name":"apply_patch","input":"x"},{"type":"custom_tool_call_output","call_id":"c","output":"Done."}]""", new JsonArray([.. server.Requests[0].Input.Skip(1).Select(i => i.DeepClone())]));
    }

    /// <summary>The model's server is OpenAI's, which has custom tools in chat completions, or another one, which has functions alone.</summary>
    [Theory]
    [InlineData("sqlite", false, false)]
    [InlineData("sqlite", true, true)]
    [InlineData("files", true, false)]
    [InlineData("files", false, true)]
    public async Task A_chat_completion_has_custom_tools_over_turns_and_a_restart(string store, bool isOpenAI, bool streamed)
    {
        const string ChatTools = """[{"type":"custom","custom":{"name":"apply_patch","description":"Edits.","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"x\""}}}}]""";
        var call = isOpenAI
            ? new JsonObject { ["id"] = "c", ["type"] = "custom", ["custom"] = new JsonObject { ["name"] = "apply_patch", ["input"] = "*** Begin\nx" } }
            : ChatReplies.Call("c", "apply_patch", "{\"input\":\"*** Begin\\nx\"}");
        await using var server = await WireServer.StartAsync(new Plain(new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(call.DeepClone()) }));
        using var setup = new OutcomeSetup(store) { Model = isOpenAI ? """ "Dialect": "OpenAI" """ : "" };
        await using (var host = await OutcomeHost.StartAsync(setup, server))
        {
            var (status, text, _) = await host.PostTextAsync(
                "/v1/chat/completions",
                $$$"""{"messages":[{"role":"user","content":"hi"}],"stream":{{{(streamed ? "true" : "false")}}},"tools":{{{ChatTools}}},"tool_choice":{"type":"custom","custom":{"name":"apply_patch"} } }""",
                ("PluginHost-Session", "s"));
            Assert.True(status == 200, text);
            Same("""{"id":"c","type":"custom","custom":{"name":"apply_patch","input":"*** Begin\nx"}}""", streamed ? Joined(text) : JsonNode.Parse(text)!["choices"]![0]!["message"]!["tool_calls"]![0]);
            await host.StopAsync();
        }

        await using var again = await OutcomeHost.StartAsync(setup, server);
        var (_, second, _) = await again.PostTextAsync("/v1/chat/completions", $$"""{"messages":[{"role":"tool","tool_call_id":"c","content":"Done."}],"tools":{{ChatTools}}}""", ("PluginHost-Session", "s"));
        var third = await again.AskAsync(
            "/v1/chat/completions",
            $$$"""{"messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"apply_patch","input":"*** Begin\nx"}}]},{"role":"tool","tool_call_id":"c","content":"Done."}],"tools":{{{ChatTools}}} }""");

        Assert.Contains("\"ok\"", second);
        Assert.Equal("ok", (string?)third["choices"]![0]!["message"]!["content"]);
        Assert.Equal(isOpenAI ? "custom" : "function", (string?)server.Requests[0].Body["tool_choice"]!["type"]);
        if (isOpenAI) Same(ChatTools, server.Requests[0].Body["tools"]);
        foreach (var request in server.Requests.Skip(1))
        {
            Same(call.ToJsonString(), request.Messages[1]["tool_calls"]![0]);
            Assert.Equal("Done.", (string?)request.Messages[2]["content"]);
        }
    }

    [Fact]
    public async Task A_chat_caller_has_custom_tools_of_a_service_with_the_responses_interface()
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.AskAsync(
            "/v1/chat/completions",
            """{"messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"apply_patch","input":"x"}}]},{"role":"tool","tool_call_id":"c","content":"Done."}],"tools":[{"type":"custom","custom":{"name":"apply_patch","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"d"}}}}]}""");

        Same("""[{"type":"custom","name":"apply_patch","format":{"type":"grammar","syntax":"lark","definition":"d"}}]""", server.Requests[0].Body["tools"]);
        Same("""[{"type":"custom_tool_call","call_id":"c","name":"apply_patch","input":"x"},{"type":"custom_tool_call_output","call_id":"c","output":"Done."}]""", new JsonArray([.. server.Requests[0].Input.Skip(1).Select(i => i.DeepClone())]));
    }

    /// <summary>The call that the deltas of a stream amount to.</summary>
    private static JsonObject Joined(string text)
    {
        var call = new JsonObject { ["custom"] = new JsonObject() };
        foreach (var line in text.Split('\n').Where(l => l.StartsWith("data: {", StringComparison.Ordinal)))
        {
            foreach (var piece in JsonNode.Parse(line[6..])!["choices"]!.AsArray().SelectMany(c => c!["delta"]!["tool_calls"]?.AsArray() ?? []))
            {
                foreach (var name in new[] { "id", "type" }) call[name] = piece![name]?.DeepClone() ?? call[name]?.DeepClone();
                var custom = piece!["custom"]!;
                if (custom["name"] is { } tool) call["custom"]!["name"] = tool.DeepClone();
                call["custom"]!["input"] = $"{call["custom"]!["input"]}{custom["input"]}";
            }
        }

        return call;
    }
}
