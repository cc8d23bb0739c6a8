using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>How servers say that an answer is over, and whether it is whole.</summary>
public sealed class EndOfAnswerTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Cut = "{\"city\": \"Par";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_was_cut_off_is_not_given_to_be_run(bool streamed)
    {
        var call = new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(ChatReplies.Call("c", "weather", Cut)) };
        await using var server = await WireServer.StartAsync(new Plain(call) { Finish = "length" });
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var message = await host.SayAsync([new JsonObject { ["role"] = "user", ["content"] = "hi" }], streamed);

        Assert.Equal("max_tokens", (string?)message["stop_reason"]);
    }

    [Theory]
    [InlineData("model_length", "length")]
    [InlineData("function_call", "stop")]
    [InlineData("length", "length")]
    public async Task A_reason_of_another_server_has_the_name_that_clients_know(string reason, string expected)
    {
        var (status, text) = await AskAsync(new Plain(Half) { Finish = reason }, streamed: false);

        Assert.Equal(200, status);
        Assert.Equal(expected, (string?)JsonNode.Parse(text)!["choices"]![0]!["finish_reason"]);
    }

    [Theory]
    [InlineData("error")]
    [InlineData("insufficient_system_resource")]
    public async Task An_answer_that_the_server_gave_up_is_not_a_whole_one(string reason)
    {
        var (status, text) = await AskAsync(new Plain(Half) { Finish = reason }, streamed: false);
        var (_, events) = await AskAsync(new Plain(Half) { Finish = reason }, streamed: true);

        Assert.Equal((502, "model_interrupted"), (status, (string?)JsonNode.Parse(text)!["error"]!["code"]));
        Assert.Contains("model_interrupted", events, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", events, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stop", 200)]
    [InlineData(null, 502)]
    public async Task An_empty_reason_is_none(string? last, int expected)
    {
        var text = """data: {"choices":[{"index":0,"delta":{"content":"half"},"finish_reason":""}]}""" + "\n\n";
        if (last is not null) text += $$"""data: {"choices":[{"index":0,"delta":{},"finish_reason":"{{last}}"}]}""" + "\n\n";

        var (status, _) = await AskAsync(new Fixed(new WireReply(200, text) { ContentType = "text/event-stream" }), streamed: false);

        Assert.Equal(expected, status);
    }

    [Theory]
    [InlineData("Chat")]
    [InlineData("Responses")]
    public async Task A_connection_that_stays_open_behind_the_end_mark_does_not_hold_the_answer(string api)
    {
        var text = api == "Chat"
            ? """data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}""" + "\n\ndata:\n\ndata: [DONE]\n\n"
            : """data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}""" + "\n\n";
        var reply = new WireReply(200, text) { ContentType = "text/event-stream", StaysOpen = true };

        var (status, _) = await AskAsync(new Fixed(reply), streamed: false, $$""" "TimeoutSeconds": 5, "Api": "{{api}}" """);

        Assert.Equal(200, status);
    }

    private static JsonObject Half => new() { ["role"] = "assistant", ["content"] = "half" };

    private static async Task<(int Status, string Text)> AskAsync(IDialect dialect, bool streamed, string model = "")
    {
        await using var server = await WireServer.StartAsync(dialect);
        using var setup = new OutcomeSetup("sqlite") { Model = model };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var (status, text, _) = await host.PostTextAsync(Chat, $$"""{"messages":[{"role":"user","content":"hi"}],"stream":{{(streamed ? "true" : "false")}}}""");
        return (status, text);
    }

    private sealed class Fixed(WireReply reply) : IDialect
    {
        public WireReply Answer(WireRequest request) => reply;
    }
}
