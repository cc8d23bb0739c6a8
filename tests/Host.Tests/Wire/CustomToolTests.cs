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
}
