using System.Globalization;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>A session outlives what its model takes: no caller gets a refusal for what was said long ago, and nothing of it is lost.</summary>
public sealed class FitTests
{
    private const string Opener = "Always answer in the words of a sailor.";
    private const string LargeTool = """{ "Plugin": "large-tool" }""";

    /// <summary>500 for the long form.</summary>
    private static int Turns(int tokens) => int.Parse(
        Environment.GetEnvironmentVariable("PLUGINHOST_FIT_TURNS") is { Length: > 0 } given ? given : tokens > 100_000 ? "65" : "30", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(4_000, 4, "", "sqlite")]
    [InlineData(4_000, 4, """ "ContextTokens": 4000 """, "files")]
    [InlineData(8_000, 3, """ "Model": "local" """, "sqlite")]
    [InlineData(4_000, 3, """ "Model": "local", "ContextTokens": 4000 """, "sqlite")]
    [InlineData(4_000, 5.2, """ "Model": "local", "ContextTokens": 4000 """, "sqlite")]
    [InlineData(8_000, 3, """ "Model": "local", "ContextTokens": 8000 """, "sqlite")]
    [InlineData(8_000, 5.2, """ "ContextTokens": 8000 """, "sqlite")]
    [InlineData(128_000, 5.2, """ "Model": "local", "ContextTokens": 128000 """, "sqlite")]
    [InlineData(128_000, 3, """ "Model": "gpt-4o" """, "sqlite")]
    public async Task Results_of_10_kB_in_every_turn_never_end_a_session(int tokens, double bytesPerToken, string model, string store)
    {
        var dialect = new Windowed(tokens, bytesPerToken) { Opener = Opener };
        await using var server = await WireServer.StartAsync(dialect, keepsRequests: false);
        using var setup = new OutcomeSetup(store) { Behind = LargeTool, Model = model, HistoryHost = """ "KeepOpener": true, "Window": 5000 """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var turns = Turns(tokens);

        for (var turn = 0; turn < turns; turn++)
        {
            var answer = await host.RunAsync("s", turn == 0 ? Opener : $"turn {turn}");
            Assert.True(answer.Status == 200 && answer.Run("status") == "completed", $"Turn {turn}: {answer.Json}");
        }

        Assert.Empty(dialect.Wrong);
        Assert.Equal(2 * turns, dialect.Answered);
        // One refusal teaches what the server takes; some more, how it counts.
        Assert.InRange(dialect.TooLong, 0, 5);
        Assert.Equal(4 * turns, await CountStoredAsync(host, "s"));
    }

    [Fact]
    public async Task A_long_tool_loop_in_one_run_fits()
    {
        var dialect = new Windowed(8_000, 4);
        await using var server = await WireServer.StartAsync(dialect, keepsRequests: false);
        using var setup = new OutcomeSetup("sqlite") { Behind = LargeTool, Model = """ "ContextTokens": 8000 """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var answer = await host.RunAsync("s", "25 times, please");

        Assert.True(answer.Status == 200, answer.Json.ToString());
        Assert.Empty(dialect.Wrong);
        Assert.Equal((26, 0), (dialect.Answered, dialect.TooLong));
        Assert.Equal(2 + (2 * 25), await CountStoredAsync(host, "s"));
    }

    [Fact]
    public async Task An_input_that_is_larger_than_the_model_takes_is_refused_and_the_session_continues()
    {
        var dialect = new Windowed(4_000, 4);
        await using var server = await WireServer.StartAsync(dialect);
        using var setup = new OutcomeSetup("sqlite") { Agent = "\"Aliases\": [\"gpt-5\"]" };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        await host.RunAsync("s", "hi");
        var large = new string('x', 20_000);

        var native = await host.RunAsync("s", large);
        var chat = await host.PostTextAsync("/v1/chat/completions", $$"""{"model":"gpt-5","messages":[{"role":"user","content":"{{large}}"}]}""", ("PluginHost-Session", "s"));
        var response = await host.PostTextAsync("/v1/responses", $$"""{"model":"gpt-5","input":"{{large}}"}""");
        var anthropic = await host.PostTextAsync("/v1/messages", $$"""{"model":"gpt-5","max_tokens":100,"messages":[{"role":"user","content":"{{large}}"}]}""");
        var later = await host.RunAsync("s", "short?");

        native.IsProblem(400, "context-length-exceeded");
        Assert.Equal("model_context_length_exceeded", native.Json.GetProperty("error_type").GetString());
        foreach (var (status, text, _) in (IEnumerable<(int, string, HttpResponseMessage)>)[chat, response])
        {
            var error = JsonNode.Parse(text)!["error"]!;
            Assert.Equal((400, "context_length_exceeded", "invalid_request_error", "messages"), (status, (string?)error["code"], (string?)error["type"], (string?)error["param"]));
        }

        Assert.Equal((400, "invalid_request_error"), (anthropic.Status, (string?)JsonNode.Parse(anthropic.Text)!["error"]!["type"]));
        Assert.True(later.Status == 200, later.Json.ToString());
        Assert.DoesNotContain("xxx", server.Requests[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_says_what_was_left_out()
    {
        await using var server = await WireServer.StartAsync(new Windowed(4_000, 4));
        using var setup = new OutcomeSetup("sqlite") { Behind = LargeTool, Model = """ "Model": "local", "ContextTokens": 4000, "AnswerTokens": 400 """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        for (var turn = 0; turn < 4; turn++) await host.RunAsync("s", $"turn {turn}");

        var run = (await host.RunAsync("s", "0 calls")).Json;

        var context = run.GetProperty("context");
        Assert.Equal(16, context.GetProperty("loaded_messages").GetInt32() + context.GetProperty("left_out_messages").GetInt32());
        Assert.Equal(3_600, context.GetProperty("max_input_tokens").GetInt32());
        Assert.InRange(context.GetProperty("input_tokens").GetInt32(), 100, 3_600);
        Assert.Equal("estimate", context.GetProperty("counted_by").GetString());
        Assert.True(context.GetProperty("shortened_results").GetInt32() > 0);
        var call = (await host.GetAsync($"/v1/sessions/s/runs/{run.GetProperty("id").GetString()}/explain")).Json.GetProperty("calls")[0];
        Assert.Contains(call.GetProperty("messages").EnumerateArray(), m => m.TryGetProperty("changed_by", out var by) && by[0].GetString() == "host" && m.TryGetProperty("before", out _));
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData(""","truncation":"auto" """, 200)]
    [InlineData(""","truncation":"disabled" """, 400)]
    public async Task A_response_may_forbid_that_anything_is_left_out(string truncation, int expected)
    {
        await using var server = await WireServer.StartAsync(new Windowed(4_000, 4));
        using var setup = new OutcomeSetup("sqlite") { Behind = LargeTool, Model = """ "ContextTokens": 4000 """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var conversation = (string)(await host.AskAsync("/v1/conversations", "{}"))["id"]!;
        for (var turn = 0; turn < 3; turn++) await host.RunAsync(conversation, $"turn {turn}");

        var (status, text, _) = await host.PostTextAsync("/v1/responses", $$"""{"model":"assistant","conversation":"{{conversation}}","input":"0 calls"{{truncation}}}""");

        Assert.True(status == expected, text);
        var json = JsonNode.Parse(text)!;
        if (status == 400) Assert.Equal("context_length_exceeded", (string?)json["error"]!["code"]);
        else Assert.Equal("auto", (string?)json["truncation"]);
    }

    private static async Task<int> CountStoredAsync(OutcomeHost host, string session)
    {
        var (count, after) = (0, "");
        while (true)
        {
            var page = (await host.GetAsync($"/v1/sessions/{session}/messages?limit=100{after}")).Json;
            count += page.GetProperty("data").GetArrayLength();
            if (!page.GetProperty("has_more").GetBoolean()) return count;
            after = $"&after={page.GetProperty("data").EnumerateArray().Last().GetProperty("id").GetString()}";
        }
    }

    [Fact]
    public async Task A_caller_who_asks_for_too_long_an_answer_costs_others_nothing()
    {
        await using var server = await WireServer.StartAsync(new LimitedAnswer());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Model": "local" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        for (var turn = 0; turn < 3; turn++) await host.RunAsync("s", $"turn {turn}");

        var (status, text, _) = await host.PostTextAsync("/v1/chat/completions", """{"model":"assistant","max_tokens":100000,"messages":[{"role":"user","content":"hi"}]}""");
        await host.RunAsync("s", "last");

        Assert.True(status == 400, text);
        Assert.Contains("turn 0", server.Requests[^1].Text, StringComparison.Ordinal);
    }

    /// <summary>A server that says neither what it takes nor what it got.</summary>
    private sealed class LimitedAnswer : IDialect
    {
        public WireReply Answer(WireRequest request) => (int?)(request.Body["max_completion_tokens"] ?? request.Body["max_tokens"]) > 4_000
            ? WireReply.Error(400, "the input length exceeds the context length", "context_length_exceeded", "messages")
            : ChatReplies.From(request, new JsonObject { ["role"] = "assistant", ["content"] = "ok" });
    }

    [Fact]
    public async Task A_refusal_that_says_only_the_limit_costs_no_run()
    {
        var dialect = new Windowed(4_000, 4) { Message = "This model's maximum context length is {0} tokens." };
        await using var server = await WireServer.StartAsync(dialect);
        using var setup = new OutcomeSetup("sqlite") { Behind = LargeTool, Model = """ "Model": "local" """ };
        await using (var host = await OutcomeHost.StartAsync(setup, server))
        {
            for (var turn = 0; turn < 10; turn++) await host.RunAsync("s", $"turn {turn}");
        }

        // What was learnt is gone.
        await using var again = await OutcomeHost.StartAsync(setup, server);
        var answer = await again.RunAsync("s", "0 calls");

        Assert.True(answer.Status == 200, answer.Json.ToString());
    }
}
