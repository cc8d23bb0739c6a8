using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>What a server puts beside the text of an answer reaches the caller, and goes back where a request can have it.</summary>
public sealed class BesideTests
{
    private const string Citation = """[{"type":"url_citation","url_citation":{"start_index":0,"end_index":4,"title":"Rome","url":"https://rome.example"}}]""";

    private static JsonObject Cited => new()
    {
        ["role"] = "assistant",
        ["content"] = "Rome is old.",
        ["annotations"] = JsonNode.Parse(Citation),
        ["images"] = JsonNode.Parse("""[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]"""),
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Annotations_and_unknown_members_reach_callers_of_chat(bool streamed)
    {
        await using var server = await WireServer.StartAsync(new Plain(Cited));
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var message = await host.ChatAsync([new JsonObject { ["role"] = "user", ["content"] = "hi" }], streamed, "s");
        await host.ChatAsync([new JsonObject { ["role"] = "user", ["content"] = "more" }], streamed, "s");

        Same(Citation, message["annotations"]);
        Assert.True(JsonNode.DeepEquals(Cited["images"], message["images"]), message.ToJsonString());
        // Only answers have annotations.
        Assert.DoesNotContain(server.Requests[1].Messages, m => m.ContainsKey("annotations"));
        Assert.True(JsonNode.DeepEquals(Cited["images"], server.Requests[1].Messages[1]["images"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Annotations_have_the_form_of_the_callers_interface(bool streamed)
    {
        await using var server = await WireServer.StartAsync(new Plain(Cited));
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        await using var hosted = await WireServer.StartAsync(new HostedTools());
        using var responses = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var other = await OutcomeHost.StartAsync(responses, hosted);

        var items = await RespondAsync(host, streamed, """{"input":"hi"}""");
        var message = await other.ChatAsync([new JsonObject { ["role"] = "user", ["content"] = "hi" }], streamed);

        Same("""[{"type":"url_citation","start_index":0,"end_index":4,"title":"Rome","url":"https://rome.example"}]""", items["output"]![0]!["content"]![0]!["annotations"]);
        Same(Citation, message["annotations"]);
    }

    [Fact]
    public async Task A_repeated_stream_has_the_reasoning_of_the_first()
    {
        var call = new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = null,
            ["reasoning_content"] = "First.",
            ["tool_calls"] = new JsonArray(ChatReplies.Call("c", "remember", "{\"fact\":\"tea\"}")),
        };
        var answer = new JsonObject { ["role"] = "assistant", ["content"] = "Done.", ["reasoning_content"] = "Second.", ["reasoning_details"] = new JsonArray(new JsonObject { ["type"] = "x" }) };
        await using var server = await WireServer.StartAsync(new Plain(call, answer));
        using var setup = new OutcomeSetup("sqlite") { Behind = Memory };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        const string Body = """{"messages":[{"role":"user","content":"hi"}],"stream":true}""";

        var (_, first, _) = await host.PostTextAsync("/v1/chat/completions", Body, ("PluginHost-Session", "s"), ("Idempotency-Key", "k"));
        var (_, again, _) = await host.PostTextAsync("/v1/chat/completions", Body, ("PluginHost-Session", "s"), ("Idempotency-Key", "k"));
        var whole = await host.ChatAsync([new JsonObject { ["role"] = "user", ["content"] = "more" }], streamed: false, "s");

        Assert.Equal(2 + 1, server.Requests.Count);
        Assert.Equal("First.\n\nSecond.", (string?)ChatStream.Join(first)["reasoning_content"]);
        Assert.True(JsonNode.DeepEquals(ChatStream.Join(first), ChatStream.Join(again)), again);
        Assert.Equal("ok", (string?)whole["content"]);
    }

    [Fact]
    public async Task Parts_of_an_answer_go_back_in_their_order()
    {
        var content = JsonNode.Parse("""
            [{"type":"thinking","thinking":[{"type":"text","text":"First."}]},{"type":"text","text":"See "},{"type":"reference","reference_ids":[1,2]},
            {"type":"thinking","thinking":[{"type":"text","text":"Second."}]},{"type":"text","text":"there."}]
            """)!;
        var call = new JsonObject { ["role"] = "assistant", ["content"] = content, ["tool_calls"] = new JsonArray(ChatReplies.Call("c", "remember", "{\"fact\":\"tea\"}")) };
        await using var server = await WireServer.StartAsync(new Plain(call));
        using var setup = new OutcomeSetup("sqlite") { Behind = Memory };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.RunAsync("s", "one", streamed: true);
        await host.RunAsync("s", "two", streamed: false);

        Assert.All(server.Requests.Skip(1), r => Assert.True(JsonNode.DeepEquals(content, r.Messages.Single(m => m["tool_calls"] is not null)["content"]), r.Text));
    }

    [Fact]
    public async Task Tokens_of_a_cache_are_counted_where_servers_say_them()
    {
        await using var server = await WireServer.StartAsync(new Counting());
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var kimi = await host.AskAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""");
        var message = await host.SayAsync([new JsonObject { ["role"] = "user", ["content"] = "hi" }], streamed: false);

        Assert.Equal(6, (int?)kimi["usage"]!["prompt_tokens_details"]!["cached_tokens"]);
        Same("""{"input_tokens":3,"output_tokens":2,"cache_read_input_tokens":5,"cache_creation_input_tokens":4}""", message["usage"]);
    }

    private sealed class Counting : IDialect
    {
        private int _count;

        public WireReply Answer(WireRequest request)
        {
            var answer = ChatReplies.Whole(new() { ["role"] = "assistant", ["content"] = "ok" }, "stop");
            answer["usage"] = JsonNode.Parse(_count++ == 0
                ? """{"prompt_tokens":12,"completion_tokens":2,"total_tokens":14,"cached_tokens":6}"""
                : """{"prompt_tokens":12,"completion_tokens":2,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":5,"cache_write_tokens":4}}""");
            return new WireReply(200, answer.ToJsonString());
        }
    }
}
