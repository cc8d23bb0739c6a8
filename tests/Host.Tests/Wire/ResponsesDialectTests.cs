using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>The same of a service with the Responses interface, whether it keeps what was said or not.</summary>
public sealed class ResponsesDialectTests
{
    private const string Weather = """[{"type":"function","name":"weather","parameters":{"type":"object","properties":{}},"strict":false}]""";

    public static TheoryData<string, bool, bool> Cases => new()
    {
        { "sqlite", true, true }, { "sqlite", true, false }, { "sqlite", false, true }, { "sqlite", false, false },
        { "files", true, true }, { "files", true, false }, { "files", false, true }, { "files", false, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_plugins_tool_loop_works_with_stored_and_unstored_reasoning(string store, bool streamed, bool stored)
    {
        await using var server = await WireServer.StartAsync(new OpenAIResponses());
        using var setup = new OutcomeSetup(store) { Behind = Memory, Model = """ "Api": "Responses" """, Agent = stored ? "" : """ "ServiceSession": "off" """ };
        await using (var host = await OutcomeHost.StartAsync(setup, server))
        {
            await host.RunAsync("s", "one", streamed);
            await host.RunAsync("s", "two", streamed);
            await host.StopAsync();
        }

        await using var again = await OutcomeHost.StartAsync(setup, server);
        await again.RunAsync("s", "three", streamed);

        Assert.Equal(6, server.Requests.Count);
        var last = server.Requests[^1];
        if (stored)
        {
            Assert.Equal("resp_4", (string?)last.Body["previous_response_id"]);
            Assert.Equal("function_call_output", (string?)Assert.Single(last.Input)["type"]);
            return;
        }

        Assert.Equal(
            ["message", "reasoning", "function_call", "function_call_output", "reasoning", "message", "message", "reasoning", "function_call", "function_call_output", "reasoning", "message", "message", "reasoning", "function_call", "function_call_output"],
            last.Input.Select(i => (string?)i["type"]));
        Assert.DoesNotContain(last.Input, i => i.ContainsKey("id"));
        Same("""{"type":"reasoning","summary":[{"type":"summary_text","text":"First 0"},{"type":"summary_text","text":"Second 0"}],"encrypted_content":"enc0"}""", last.Input[1]);
        Assert.Equal(OpenAIResponses.Arguments, (string?)last.Input[2]["arguments"]);
        Assert.Equal("final_answer", (string?)last.Input[5]["phase"]);
        for (var i = 1; i < 6; i++)
        {
            var before = server.Requests[i - 1].Input.Select(n => n.ToJsonString()).ToList();
            Assert.Equal(before, server.Requests[i].Input.Select(n => n.ToJsonString()).Take(before.Count));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_who_keeps_the_items_gets_encrypted_reasoning_and_its_loop_works(bool streamed)
    {
        await using var server = await WireServer.StartAsync(new OpenAIResponses());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var input = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "one" });

        foreach (var item in await RespondAsync(host, input, streamed)) input.Add(item.DeepClone());
        input.Add(JsonNode.Parse("""{"type":"function_call_output","call_id":"call_0","output":[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"https://x.example/a.png","detail":"low"}]}"""));
        var last = await RespondAsync(host, input, streamed);

        Same(
            """{"type":"reasoning","summary":[{"type":"summary_text","text":"First 0"},{"type":"summary_text","text":"Second 0"}],"encrypted_content":"enc0"}""",
            server.Requests[1].Input[1]);
        Assert.Equal("answer 1", (string?)last[^1]["content"]![0]!["text"]);
        Same("""[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"https://x.example/a.png","detail":"low"}]""", server.Requests[1].Input[^1]["output"]);
    }

    [Fact]
    public async Task A_model_without_encrypted_reasoning_is_asked_for_it_once()
    {
        await using var server = await WireServer.StartAsync(new OpenAIResponses(hasEncrypted: false));
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """, Agent = """ "ServiceSession": "off" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.RunAsync("s", "one", streamed: false);
        await host.RunAsync("s", "two", streamed: true);

        Assert.Equal([true, false, false], server.Requests.Select(r => r.Body["include"] is not null));
        Assert.All(server.Requests, r => Assert.False((bool)r.Body["store"]!));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Blocks_of_a_caller_bring_the_service_its_reasoning_back(bool showsThinking)
    {
        foreach (var streamed in (bool[])[true, false])
        {
            await using var server = await WireServer.StartAsync(new OpenAIResponses());
            using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
            await using var host = await OutcomeHost.StartAsync(setup, server);
            var more = "\"tools\":[{\"name\":\"weather\",\"input_schema\":{\"type\":\"object\"}}]" + (showsThinking ? ",\"thinking\":{\"type\":\"adaptive\"}" : "");
            var transcript = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "one" });

            var called = await host.SayAsync(transcript, streamed, more);
            transcript.Add(new JsonObject { ["role"] = "assistant", ["content"] = called["content"]!.DeepClone() });
            transcript.Add(JsonNode.Parse("""{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_0","content":"sunny"}]}"""));
            await host.SayAsync(transcript, streamed, more);

            Same(
                """{"type":"reasoning","summary":[{"type":"summary_text","text":"First 0"},{"type":"summary_text","text":"Second 0"}],"encrypted_content":"enc0"}""",
                server.Requests[1].Input[1]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reasoning_between_calls_of_the_caller_stays_there_beside_plugins_tools(bool streamed)
    {
        await using var server = await WireServer.StartAsync(new Alternating());
        using var setup = new OutcomeSetup("sqlite") { Behind = Memory, Model = """ "Api": "Responses" """, Agent = """ "ServiceSession": "off" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var items = await RespondAsync(host, new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "one" }), streamed);

        Assert.Equal(["reasoning", "function_call", "reasoning", "function_call"], items.Select(i => (string?)i["type"]));
    }

    private sealed class Alternating : IDialect
    {
        public WireReply Answer(WireRequest request) => ResponsesReplies.From(request, "resp_0", [Think(0), Call(0), Think(1), Call(1)], isStored: false);

        private static JsonObject Think(int number) => (JsonObject)JsonNode.Parse($$"""{"id":"rs_{{number}}","type":"reasoning","summary":[{"type":"summary_text","text":"t{{number}}"}],"encrypted_content":"e{{number}}"}""")!;

        private static JsonObject Call(int number) => (JsonObject)JsonNode.Parse($$"""{"id":"fc_{{number}}","type":"function_call","status":"completed","call_id":"c{{number}}","name":"weather","arguments":"{}"}""")!;
    }

    private static async Task<IReadOnlyList<JsonNode>> RespondAsync(OutcomeHost host, JsonArray input, bool streamed)
    {
        var body = new JsonObject { ["input"] = input.DeepClone(), ["store"] = false, ["stream"] = streamed, ["include"] = new JsonArray("reasoning.encrypted_content"), ["tools"] = JsonNode.Parse(Weather) };
        var (status, text, _) = await host.PostTextAsync("/v1/responses", body.ToJsonString());
        Assert.True(status == 200, text);
        var response = streamed ? JsonNode.Parse(text.Split("event: response.completed\ndata: ")[1])!["response"]! : JsonNode.Parse(text)!;
        return [.. response["output"]!.AsArray().Select(i => i!)];
    }
}
