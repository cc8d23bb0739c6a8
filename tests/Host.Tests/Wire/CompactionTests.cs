using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>A model's service compacts: the wish to do so and its item pass through the host and its histories.</summary>
public sealed class CompactionTests
{
    private const string Wish = """[{"type":"compaction","compact_threshold":1000,"keep":"all"}]""";

    public static TheoryData<string, bool> Cases => new() { { "sqlite", true }, { "sqlite", false }, { "files", true }, { "files", false } };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_item_of_the_service_comes_to_the_caller_and_back_with_the_next_turn(string store, bool streamed)
    {
        await using var server = await WireServer.StartAsync(new Compacting());
        using var setup = new OutcomeSetup(store) { Model = """ "Api": "Responses" """, Agent = """ "ServiceSession": "off" """ };
        JsonNode first;
        await using (var host = await OutcomeHost.StartAsync(setup, server))
            first = await RespondAsync(host, streamed, $$"""{"input":"a long story","context_management":{{Wish}}}""");

        await using var again = await OutcomeHost.StartAsync(setup, server);
        await RespondAsync(again, streamed, $$"""{"input":"continue","previous_response_id":"{{first["id"]}}","context_management":{{Wish}}}""");
        var items = new JsonArray([.. first["output"]!.AsArray().Select(i => i!.DeepClone()), JsonNode.Parse("""{"role":"user","content":"again"}""")]);
        await RespondAsync(again, streamed, $$"""{"input":{{items.ToJsonString()}},"store":false}""");

        Assert.Equal(["compaction", "message"], first["output"]!.AsArray().Select(i => (string?)i!["type"]));
        Assert.Equal("secret", (string?)first["output"]![0]!["encrypted_content"]);
        Assert.Equal(Wish, server.Requests[0].Body["context_management"]!.ToJsonString());
        Assert.Equal(["a long story", "secret", "hello", "continue"], server.Requests[1].Input.Select(Describe));
        Assert.Equal(["secret", "hello", "again"], server.Requests[2].Input.Select(Describe));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_conversation_is_compacted_by_the_service_that_can_and_else_by_the_host(bool hasEndpoint)
    {
        await using var server = await WireServer.StartAsync(new Compacting { HasEndpoint = hasEndpoint });
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        // The members behind the key are those of Codex.
        var body = """
            {"input":[{"role":"user","content":"a long story"},{"role":"assistant","content":"hm"}],"instructions":"Shout.","prompt_cache_key":"k",
            "tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"parallel_tool_calls":true,"reasoning":{"effort":"low"},"text":{"verbosity":"low"}}
            """;

        var compacted = await host.AskAsync("/v1/responses/compact", body);
        var items = new JsonArray([.. compacted["output"]!.AsArray().Select(i => i!.DeepClone()), JsonNode.Parse("""{"role":"user","content":"continue"}""")]);
        await host.AskAsync("/v1/responses", $$"""{"input":{{items.ToJsonString()}},"store":false}""");

        var asked = server.Requests[0];
        Assert.Equal(("/v1/responses/compact", "Shout.", "k", false), (asked.Path, (string?)asked.Body["instructions"], (string?)asked.Body["prompt_cache_key"], asked.IsStreamed));
        Assert.Equal(["a long story", "hm"], asked.Input.Select(Describe));
        Assert.Equal(("f", "low", "low"), ((string?)asked.Body["tools"]![0]!["name"], (string?)asked.Body["reasoning"]!["effort"], (string?)asked.Body["text"]!["verbosity"]));
        Assert.Equal(["message", "compaction"], compacted["output"]!.AsArray().Select(i => (string?)i!["type"]));
        Assert.Equal(7, (int?)compacted["usage"]!["total_tokens"]);
        var later = server.Requests[^1].Input.Select(Describe).ToArray();
        Assert.Equal(hasEndpoint ? ["kept", "secret", "continue"] : ["a long story", later[1], "continue"], later);
        Assert.EndsWith(hasEndpoint ? "secret" : "hello", later[1], StringComparison.Ordinal);
    }

    private static string? Describe(JsonObject item) =>
        (string?)item["encrypted_content"] ?? (item["content"] is JsonArray parts ? (string?)parts[0]!["text"] : (string?)item["content"]);

    /// <summary>A service that compacts with its first answer.</summary>
    private sealed class Compacting : IDialect
    {
        private int _answers;

        public bool HasEndpoint { get; init; }

        public WireReply Answer(WireRequest request)
        {
            if (request.Path.EndsWith("/compact", StringComparison.Ordinal)) return HasEndpoint ? new WireReply(200, Compacted) : WireReply.Error(404, "Not found");
            var output = new List<JsonObject>();
            if (Interlocked.Increment(ref _answers) == 1 && request.Body["context_management"] is not null) output.Add(Parse("""{"id":"cmp_0","type":"compaction","encrypted_content":"secret"}"""));
            output.Add(Parse("""{"id":"msg_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hello","annotations":[]}]}"""));
            return ResponsesReplies.From(request, $"resp_{_answers}", output, isStored: false);
        }

        private static string Compacted =>
            """
            {"id":"resp_c","object":"response.compaction","created_at":1,"output":[
            {"id":"msg_k","type":"message","status":"completed","role":"user","content":[{"type":"input_text","text":"kept"}]},
            {"id":"cmp_0","type":"compaction","encrypted_content":"secret"}],"usage":{"input_tokens":3,"output_tokens":4,"total_tokens":7}}
            """;

        private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
    }
}
