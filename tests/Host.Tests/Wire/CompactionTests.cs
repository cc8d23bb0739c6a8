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

    [Fact]
    public async Task A_server_that_does_not_compact_is_not_asked_to()
    {
        await using var model = await FakeModel.StartAsync();
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, model);
        var refused = await host.PostTextAsync("/v1/responses", $$"""{"input":"hi","context_management":{{Wish}}}""");
        Assert.True(refused.Status == 400 && refused.Text.Contains("\"param\":\"context_management\",\"code\":\"unsupported_parameter\"", StringComparison.Ordinal), refused.Text);
        Assert.Equal(200, (await host.PostTextAsync("/v1/responses", """{"input":"hi","context_management":[]}""")).Status);

        using var dropping = new OutcomeSetup("sqlite") { Model = """ "UnknownParameters": "drop" """ };
        await using var other = await OutcomeHost.StartAsync(dropping, model);
        var dropped = await other.PostTextAsync("/v1/responses", $$"""{"input":"hi","context_management":{{Wish}}}""");
        Assert.True(dropped.Status == 200, dropped.Text);
        Assert.All(model.Requests, r => Assert.Null(r.Body["context_management"]));
    }

    private static string? Describe(JsonObject item) =>
        (string?)item["encrypted_content"] ?? (item["content"] is JsonArray parts ? (string?)parts[0]!["text"] : (string?)item["content"]);

    /// <summary>A service that compacts with its first answer.</summary>
    private sealed class Compacting : IDialect
    {
        private int _answers;

        public WireReply Answer(WireRequest request)
        {
            var output = new List<JsonObject>();
            if (Interlocked.Increment(ref _answers) == 1) output.Add(Parse("""{"id":"cmp_0","type":"compaction","encrypted_content":"secret"}"""));
            output.Add(Parse("""{"id":"msg_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hello","annotations":[]}]}"""));
            return ResponsesReplies.From(request, $"resp_{_answers}", output, isStored: false);
        }

        private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
    }
}
