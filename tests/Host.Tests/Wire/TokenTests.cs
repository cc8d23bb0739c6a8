using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.Tests.OpenAI;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>How likely the tokens of an answer are, and its other choices, reach a caller who asks for them.</summary>
public sealed class TokenTests
{
    private const string He = """{"token":"He","logprob":-0.10,"bytes":[72,101],"top_logprobs":[{"token":"Hi","logprob":-2.5,"bytes":null}]}""";
    private const string Y = """{"token":"y","logprob":-1e-3,"bytes":[121],"top_logprobs":[]}""";
    private const string Ask = """ "messages":[{"role":"user","content":"hi"}],"logprobs":true,"top_logprobs":1 """;
    private const string AskResponse = """ "input":"hi","include":["message.output_text.logprobs"],"top_logprobs":1 """;

    private static readonly WireReply Chunks = Events(
        """{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null}]}""",
        $$$"""{"id":"c","choices":[{"index":0,"delta":{"content":"He"},"logprobs":{"content":[{{{He}}}],"refusal":null}}]}""",
        $$$"""{"id":"c","choices":[{"index":0,"delta":{"content":"y"},"logprobs":{"content":[{{{Y}}}]}}]}""",
        """{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");

    [Fact]
    public async Task Tokens_are_in_a_whole_completion()
    {
        var (answer, sent) = await AskAsync(Chunks, "/v1/chat/completions", $$"""{ {{Ask}} }""");

        Same($$"""{"content":[{{He}},{{Y}}],"refusal":null}""", answer["choices"]![0]!["logprobs"]);
        Assert.Equal("Hey", (string?)answer["choices"]![0]!["message"]!["content"]);
        Assert.Equal((true, 1), ((bool)sent["logprobs"]!, (int)sent["top_logprobs"]!));
    }

    [Fact]
    public async Task Tokens_are_in_the_chunk_with_their_text()
    {
        var chunks = await StreamAsync(Chunks, $$"""{ {{Ask}}, "stream":true }""");

        var texts = chunks.Where(c => (string?)c["choices"]![0]!["delta"]!["content"] is { Length: > 0 }).ToList();
        Assert.Equal(["He", "y"], texts.Select(c => (string?)c["choices"]![0]!["delta"]!["content"]));
        Same($$"""{"content":[{{He}}],"refusal":null}""", texts[0]["choices"]![0]!["logprobs"]);
        Same($$"""{"content":[{{Y}}],"refusal":null}""", texts[1]["choices"]![0]!["logprobs"]);
        Assert.All(chunks.Except(texts), c => Assert.Null(c["choices"]![0]!["logprobs"]));
    }

    [Fact]
    public async Task Tokens_of_a_server_that_was_not_asked_are_left_out()
    {
        var (answer, _) = await AskAsync(Chunks, "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Null(answer["choices"]![0]!["logprobs"]);
    }

    [Fact]
    public async Task Tokens_of_a_response_are_in_its_part_its_events_and_its_record()
    {
        await using var server = await WireServer.StartAsync(new Fixed(Chunks));
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (_, text, _) = await host.PostTextAsync("/v1/responses", $$"""{ {{AskResponse}}, "stream":true }""");
        var events = ResponsesClient.EventsIn(text).Select(e => JsonNode.Parse(e.GetRawText())!).ToList();
        var response = events[^1]["response"]!;
        var stored = JsonNode.Parse(await host.Http.GetStringAsync($"/v1/responses/{response["id"]}"))!;
        var next = await host.AskAsync("/v1/responses", $$"""{"input":"more","previous_response_id":"{{response["id"]}}"}""");

        Same($"[{He}]", Of("response.output_text.delta")[0]["logprobs"]);
        Same($"[{Y}]", Of("response.output_text.delta")[1]["logprobs"]);
        Same($"[{He},{Y}]", Of("response.output_text.done")[0]["logprobs"]);
        Same($"[{He},{Y}]", Of("response.content_part.done")[0]["part"]!["logprobs"]);
        Same($"[{He},{Y}]", stored["output"]![0]!["content"]![0]!["logprobs"]);
        Assert.Equal(1, (int?)stored["top_logprobs"]);
        Assert.Equal((true, 1, false), ((bool)server.Requests[0].Body["logprobs"]!, (int)server.Requests[0].Body["top_logprobs"]!, server.Requests[0].Body.ContainsKey("include")));
        Same("""{"role":"assistant","content":"Hey"}""", server.Requests[1].Messages[1]);
        Same("[]", next["output"]![0]!["content"]![0]!["logprobs"]);

        List<JsonNode> Of(string type) => events.FindAll(e => (string?)e["type"] == type);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_service_with_responses_is_asked_and_read_by_its_names(bool isStreamed)
    {
        var item = $$"""{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"He","logprobs":[{{He}}]}]}""";
        var whole = $$"""{"id":"r","status":"completed","store":false,"output":[{{item}}]}""";
        var reply = isStreamed
            ? Events(
                """{"type":"response.output_item.added","item":{"type":"message","id":"m"}}""",
                $$"""{"type":"response.output_text.delta","delta":"He","logprobs":[{{He}}]}""",
                $$$"""{"type":"response.output_item.done","item":{{{item}}}}""",
                $$$"""{"type":"response.completed","response":{{{whole}}}}""")
            : new WireReply(200, whole);

        var (answer, sent) = await AskAsync(reply, "/v1/chat/completions", $$"""{ {{Ask}} }""", """ "Api": "Responses" """);

        Same($$"""{"content":[{{He}}],"refusal":null}""", answer["choices"]![0]!["logprobs"]);
        Assert.Contains("message.output_text.logprobs", sent["include"]!.AsArray().Select(i => (string?)i));
        Assert.Equal((1, false), ((int)sent["top_logprobs"]!, sent.ContainsKey("logprobs")));
    }

    private static readonly WireReply Choices = Events(
        """{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"A"}},{"index":1,"delta":{"role":"assistant","content":"B"}}]}""",
        """{"id":"c","choices":[{"index":1,"delta":{"content":"b","reasoning_content":"why"}}]}""",
        $$$"""{"id":"c","choices":[{"index":2,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":"{\"a\""}}]},"logprobs":{"content":[{{{Y}}}]}}]}""",
        """{"id":"c","choices":[{"index":2,"delta":{"tool_calls":[{"index":0,"function":{"arguments":": 1}"}}]}}]}""",
        """{"id":"c","choices":[{"index":2,"delta":{},"finish_reason":"tool_calls"}]}""",
        """{"id":"c","choices":[{"index":1,"delta":{},"finish_reason":"length"}]}""",
        """{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":9,"total_tokens":10}}""");

    [Fact]
    public async Task Every_choice_is_in_a_whole_completion()
    {
        var (answer, sent) = await AskAsync(Choices, "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"n":3}""");

        var choices = answer["choices"]!.AsArray();
        Assert.Equal([(0, "A", "stop"), (1, "Bb", "length"), (2, null, "tool_calls")], choices.Select(c => ((int)c!["index"]!, (string?)c["message"]!["content"], (string?)c["finish_reason"])));
        Assert.Equal("why", (string?)choices[1]!["message"]!["reasoning_content"]);
        Same("""[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]""", choices[2]!["message"]!["tool_calls"]);
        Same($$"""{"content":[{{Y}}],"refusal":null}""", choices[2]!["logprobs"]);
        Assert.Equal((3, 9), ((int)sent["n"]!, (int)answer["usage"]!["completion_tokens"]!));
    }

    [Fact]
    public async Task Every_choice_is_streamed_under_its_index()
    {
        var chunks = await StreamAsync(Choices, """{"messages":[{"role":"user","content":"hi"}],"n":3,"stream":true}""");

        var pieces = chunks.SelectMany(c => c["choices"]!.AsArray()).ToList();
        Assert.Equal("A", Text(0));
        Assert.Equal("Bb", Text(1));
        Assert.Equal(["stop", "length", "tool_calls"], Enumerable.Range(0, 3).Select(i => (string?)Of(i)[^1]!["finish_reason"]));
        Assert.Equal("""{"a": 1}""", string.Concat(Of(2).Select(p => (string?)p!["delta"]!["tool_calls"]?[0]!["function"]!["arguments"])));

        List<JsonNode?> Of(int index) => pieces.FindAll(p => (int)p!["index"]! == index);
        string Text(int index) => string.Concat(Of(index).Select(p => (string?)p!["delta"]!["content"]));
    }

    [Fact]
    public async Task Choices_of_a_whole_document_are_read_too()
    {
        var reply = new WireReply(200, """{"choices":[{"index":0,"message":{"role":"assistant","content":"A"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"u","type":"function","function":{"name":"g","arguments":"{}"}}]},"finish_reason":"tool_calls"},{"index":1.5},{"index":"x"}]}""");

        var (answer, _) = await AskAsync(reply, "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"n":2}""");

        Assert.Equal(["t", "u"], answer["choices"]![1]!["message"]!["tool_calls"]!.AsArray().Select(c => (string?)c!["id"]));
    }

    [Theory]
    [InlineData("", """{"messages":[{"role":"user","content":"hi"}],"n":2}""", "PluginHost-Session", "n", "session")]
    [InlineData("""{ "Plugin": "memory" }""", """{"messages":[{"role":"user","content":"hi"}],"n":2}""", "X-Other", "n", "memory")]
    [InlineData("""{ "Plugin": "redaction" }""", """{"messages":[{"role":"user","content":"hi"}],"logprobs":true}""", "X-Other", "logprobs", "redaction")]
    public async Task What_the_chain_could_not_act_on_is_refused(string plugin, string body, string header, string param, string part)
    {
        using var setup = new OutcomeSetup("sqlite") { Before = plugin };
        await using var host = await OutcomeHost.StartAsync(setup);

        var (status, text, _) = await host.PostTextAsync("/v1/chat/completions", body, (header, "s"));

        var error = JsonNode.Parse(text)!["error"]!;
        Assert.Equal((400, "unsupported_parameter", param), (status, (string?)error["code"], (string?)error["param"]));
        Assert.Contains(part, (string?)error["message"], StringComparison.Ordinal);
        Assert.Empty(host.Model.Requests);
    }

    private static WireReply Events(params string[] data) => new(200, string.Concat(data.Append("[DONE]").Select(d => $"data: {d}\n\n"))) { ContentType = "text/event-stream" };

    private static async Task<(JsonNode Answer, JsonObject Sent)> AskAsync(WireReply reply, string path, string body, string model = "")
    {
        await using var server = await WireServer.StartAsync(new Fixed(reply));
        using var setup = new OutcomeSetup("sqlite") { Model = model };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        return (await host.AskAsync(path, body), server.Requests[0].Body);
    }

    private static async Task<List<JsonNode>> StreamAsync(WireReply reply, string body)
    {
        await using var server = await WireServer.StartAsync(new Fixed(reply));
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var (status, text, _) = await host.PostTextAsync("/v1/chat/completions", body);
        Assert.True(status == 200, text);
        return [.. text.Split("\n\n").Where(e => e.StartsWith("data: {", StringComparison.Ordinal)).Select(e => JsonNode.Parse(e[6..])!)];
    }

    private sealed class Fixed(WireReply reply) : IDialect
    {
        public WireReply Answer(WireRequest request) => reply;
    }
}
