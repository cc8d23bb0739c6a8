using System.Text.Json.Nodes;
using PluginHost.ModelServer.Ollama;

namespace PluginHost.Tests.Outcomes;

/// <summary>An agent on Ollama.</summary>
public sealed class OllamaModelTests
{
    private static OutcomeSetup Create(OllamaServer server) => new("sqlite")
    {
        Client = $$"""{ "Client": "ollama", "Model": "gpt-oss", "Options": { "Endpoint": "{{server.Endpoint}}", "MaxRetries": 0 } }""",
        Behind = """{ "Plugin": "memory" }""",
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_of_a_plugin_is_called_and_the_next_turn_has_all_of_it_after_a_restart(bool streamed)
    {
        await using var server = await OllamaServer.StartAsync(
            new OllamaReply(OllamaReply.Thinking("Tea."), OllamaReply.Calls(("call_1", "remember", new JsonObject { ["fact"] = "likes tea" }), ("call_2", "remember", new JsonObject { ["fact"] = "is called Ada" }))),
            new OllamaReply(OllamaReply.Text("Noted.")));
        using var setup = Create(server);
        await using (var host = await OutcomeHost.StartAsync(setup, server.Endpoint))
        {
            var run = await host.RunToEndAsync("s", "I like tea.", streamed);
            Assert.Equal(("completed", 52), (run.GetProperty("status").GetString(), run.GetProperty("usage").GetProperty("input_tokens").GetInt32()));
        }

        await using (var host = await OutcomeHost.StartAsync(setup, server.Endpoint)) Assert.Equal("completed", (await host.RunToEndAsync("s", "And now?", streamed)).GetProperty("status").GetString());

        var messages = server.Requests[2]["messages"]!.AsArray().Where(m => (string)m!["role"]! != "system").ToList();
        Assert.Equal(["user", "assistant", "tool", "tool", "assistant", "user"], messages.Select(m => (string)m!["role"]!));
        Assert.Equal("Tea.", (string?)messages[1]!["thinking"]);
        Assert.Equal("call_1 call_2", string.Join(' ', messages[1]!["tool_calls"]!.AsArray().Select(c => c!["id"])));
        Assert.Equal("call_1 call_2", string.Join(' ', messages.Skip(2).Take(2).Select(m => m!["tool_call_id"])));
    }

    [Fact]
    public async Task An_explanation_has_the_hash_of_what_was_sent_and_a_replay_is_the_same_byte_for_byte()
    {
        await using var server = await OllamaServer.StartAsync(
            new OllamaReply(OllamaReply.Calls(("call_1", "remember", new JsonObject { ["fact"] = "likes tea – 🍵" }))), new OllamaReply(OllamaReply.Text("Noted.")));
        using var setup = Create(server);
        await using var host = await OutcomeHost.StartAsync(setup, server.Endpoint);
        var run = (await host.RunAsync("s", "I like tea.")).Run("id");

        var calls = (await host.GetAsync($"/v1/sessions/s/runs/{run}/explain")).Json.GetProperty("calls").EnumerateArray().ToList();
        var before = (await host.PostAsync("/v1/sessions/s/explain", new JsonObject { ["input"] = "next" })).Json;
        var replay = (await host.PostAsync("/v1/sessions/s/replay")).Json;
        await host.RunAsync("s", "next");

        Assert.Equal(server.BodyHashes.Take(2), calls.Select(c => c.GetProperty("body_sha256").GetString()!));
        Assert.Equal(server.BodyHashes[2], before.GetProperty("calls")[0].GetProperty("body_sha256").GetString());
        Assert.True(replay.GetProperty("same").GetInt32() == 1, replay.GetRawText());
        Assert.DoesNotContain("body_sha256", (await host.GetAsync("/v1/sessions/s/messages")).Json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_outgrows_the_model_continues_and_nothing_is_cut_silently()
    {
        await using var server = await OllamaServer.StartAsync();
        server.MaxChars = 20_000;
        using var setup = Create(server);
        await using var host = await OutcomeHost.StartAsync(setup, server.Endpoint);

        await host.OutgrowModelAsync("s");

        Assert.Contains(server.Requests, r => r["messages"]!.ToJsonString().Length > server.MaxChars);
        Assert.True(server.Requests[^1]["messages"]!.ToJsonString().Length <= server.MaxChars);
    }

    [Fact]
    public async Task Callers_get_the_failures_of_the_built_in_client()
    {
        await using var server = await OllamaServer.StartAsync(new OllamaReply { Status = 429, Error = "you have reached your usage limit" });
        using var setup = Create(server);
        await using var host = await OutcomeHost.StartAsync(setup, server.Endpoint);

        var answer = await host.PostAsync("/v1/chat/completions", JsonNode.Parse("""{"model":"assistant","messages":[{"role":"user","content":"hi"}]}"""));

        Assert.Equal(429, answer.Status);
        Assert.Contains("The model 'gpt-oss' returned status 429: you have reached your usage limit", answer.Json.GetRawText(), StringComparison.Ordinal);
    }
}
