using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>
/// The tool loops of callers whose clients keep published members alone: what a chat server insists on comes back to it through every
/// interface, in the first turn and in later ones.
/// </summary>
public sealed class CallerLoopTests
{
    private const string ItemTools = """[{"type":"function","name":"weather","parameters":{"type":"object","properties":{}}}]""";

    public static TheoryData<string, bool, bool> Cases => ToolDialects(true, false);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Messages_bring_each_server_back_what_it_said(string dialect, bool streamed, bool showsThinking)
    {
        var model = (ToolDialect)Dialect(dialect);
        await using var server = await WireServer.StartAsync(model);
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var more = "\"tools\":[{\"name\":\"weather\",\"input_schema\":{\"type\":\"object\"}}]" + (showsThinking ? ",\"thinking\":{\"type\":\"adaptive\"}" : "");
        var transcript = new JsonArray();

        foreach (var turn in (string[])["one", "two"])
        {
            transcript.Add(new JsonObject { ["role"] = "user", ["content"] = turn });
            var called = await host.SayAsync(transcript, streamed, more);
            Assert.Equal("tool_use", (string?)called["stop_reason"]);
            transcript.Add(new JsonObject { ["role"] = "assistant", ["content"] = called["content"]!.DeepClone() });
            var results = called["content"]!.AsArray().Where(b => (string?)b!["type"] == "tool_use")
                .Select(JsonNode (b) => new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = (string)b!["id"]!, ["content"] = "sunny" });
            transcript.Add(new JsonObject { ["role"] = "user", ["content"] = new JsonArray([.. results]) });
            var said = await host.SayAsync(transcript, streamed, more);
            Assert.Equal((string?)model.Said[^1]["content"], (string?)Assert.Single(said["content"]!.AsArray(), b => (string?)b!["type"] == "text")!["text"]);
            transcript.Add(new JsonObject { ["role"] = "assistant", ["content"] = said["content"]!.DeepClone() });
        }

        SameCalls(model, server, 4);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Items_bring_each_server_back_what_it_said(string dialect, bool streamed, bool stored)
    {
        var model = (ToolDialect)Dialect(dialect);
        await using var server = await WireServer.StartAsync(model);
        using var setup = new OutcomeSetup("sqlite");
        var host = await OutcomeHost.StartAsync(setup, server);
        var input = new JsonArray();
        string? previous = null;

        foreach (var turn in (string[])["one", "two"])
        {
            input.Add(new JsonObject { ["role"] = "user", ["content"] = turn });
            var items = await StepAsync();
            var results = items.Where(i => (string?)i["type"] == "function_call")
                .Select(JsonNode (i) => new JsonObject { ["type"] = "function_call_output", ["call_id"] = (string)i["call_id"]!, ["output"] = "sunny" }).ToList();
            Assert.NotEmpty(results);
            foreach (var result in results) input.Add(result);
            if (stored)
            {
                await host.StopAsync();
                await host.DisposeAsync();
                host = await OutcomeHost.StartAsync(setup, server);
            }

            await StepAsync();
        }

        await host.DisposeAsync();
        SameCalls(model, server, 4);

        async Task<List<JsonObject>> StepAsync()
        {
            var body = new JsonObject { ["input"] = input.DeepClone(), ["store"] = stored, ["tools"] = JsonNode.Parse(ItemTools) };
            if (previous is not null) body["previous_response_id"] = previous;
            var response = await RespondAsync(host, streamed, body.ToJsonString());
            List<JsonObject> items = [.. response["output"]!.AsArray().Select(i => Published(i!))];
            if (stored)
            {
                previous = (string)response["id"]!;
                input.Clear();
            }
            else
            {
                foreach (var item in items) input.Add(item.DeepClone());
            }

            return items;
        }
    }

    [Theory]
    [InlineData(nameof(DeepSeek), "sqlite", true)]
    [InlineData(nameof(Gemini), "files", false)]
    [InlineData(nameof(Mistral), "sqlite", false)]
    public async Task A_session_brings_each_server_back_what_it_said_over_a_restart(string dialect, string store, bool streamed)
    {
        var model = (ToolDialect)Dialect(dialect);
        await using var server = await WireServer.StartAsync(model);
        using var setup = new OutcomeSetup(store);

        foreach (var turn in (string[])["one", "two"])
        {
            await using var host = await OutcomeHost.StartAsync(setup, server);
            var called = await host.ChatAsync(new JsonArray(new JsonObject { ["role"] = "user", ["content"] = turn }), streamed, "s");
            await host.ChatAsync([.. called["tool_calls"]!.AsArray().Select(JsonNode (c) => new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string)c!["id"]!, ["content"] = "sunny" })], streamed, "s");
            await host.StopAsync();
        }

        SameCalls(model, server, 4);
    }

    /// <summary>Whether the last request has the answers with calls as they were said: reasoning, parts and signatures.</summary>
    private static void SameCalls(ToolDialect model, WireServer server, int requests)
    {
        Assert.Equal(requests, server.Requests.Count);
        var (sent, said) = (server.Requests[^1].Messages.Where(m => m["tool_calls"] is not null).ToList(), model.Said.Where(m => m["tool_calls"] is not null).ToList());
        Assert.Equal(said.Count, sent.Count);
        for (var i = 0; i < said.Count; i++)
        {
            foreach (var name in (string[])["reasoning_content", "reasoning"]) Assert.Equal((string?)said[i][name], (string?)sent[i][name]);
            if (said[i]["content"] is JsonArray parts) Assert.True(JsonNode.DeepEquals(parts, sent[i]["content"]), sent[i].ToJsonString());
            for (var j = 0; j < said[i]["tool_calls"]!.AsArray().Count; j++)
                Assert.True(JsonNode.DeepEquals(said[i]["tool_calls"]![j]!["extra_content"], sent[i]["tool_calls"]![j]!["extra_content"]), sent[i].ToJsonString());
        }
    }

    /// <summary>An item as typed clients keep it.</summary>
    private static JsonObject Published(JsonNode item)
    {
        string[] names = (string?)item["type"] switch
        {
            "reasoning" => ["type", "id", "summary", "encrypted_content"],
            "function_call" => ["type", "id", "call_id", "name", "arguments", "status"],
            _ => ["type", "id", "role", "content", "status"],
        };
        return new JsonObject([.. names.Where(n => item[n] is not null).Select(n => KeyValuePair.Create(n, item[n]?.DeepClone()))]);
    }
}
