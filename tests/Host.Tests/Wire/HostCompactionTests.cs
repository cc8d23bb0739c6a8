using System.Text.Json.Nodes;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Configuration.Model;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Sdk;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>The host compacts conversations for models whose server cannot.</summary>
public sealed class HostCompactionTests
{
    private const string Wish = """[{"type":"compaction","compact_threshold":30}]""";

    public static TheoryData<string, bool> Cases => new() { { "sqlite", true }, { "sqlite", false }, { "files", true }, { "files", false } };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_chain_above_the_threshold_continues_from_a_summary(string store, bool streamed)
    {
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup(store);
        JsonNode second;
        await using (var host = await OutcomeHost.StartAsync(setup, server))
        {
            var first = await RespondAsync(host, streamed, $$"""{"input":"{{Long("story")}}","context_management":{{Wish}}}""");
            second = await RespondAsync(host, streamed, $$"""{"input":"continue","previous_response_id":"{{first["id"]}}","context_management":{{Wish}}}""");
            Assert.Equal(["message"], Types(first));
        }

        await using var again = await OutcomeHost.StartAsync(setup, server);
        var third = await RespondAsync(again, streamed, $$"""{"input":"and then","previous_response_id":"{{second["id"]}}"}""");

        Assert.Equal(["compaction", "message"], Types(second));
        Assert.Equal(14, (int?)second["usage"]!["total_tokens"]);
        Assert.True(Summarising.IsAsked(server.Requests[1]));
        Assert.Equal([$"user: {Long("story")}", "user: summary 1", "user: continue"], Said(server.Requests[2]));
        Assert.Equal(["user: continue", "user: summary 1", "assistant: answer 2", "user: and then"], Said(server.Requests[3]));
        Assert.All(server.Requests, r => Assert.Null(r.Body["context_management"]));
        var session = (await again.GetAsync("/v1/sessions")).Json.GetProperty("data")[0].GetProperty("id").GetString()!;
        Assert.Equal(6, (await again.StoredAsync(session)).Count);
        Assert.Contains("\"compacted\"", (await again.GetAsync($"/v1/sessions/{session}/runs/{third["id"]}/explain")).Json.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_who_keeps_the_items_sends_all_of_them_or_those_from_the_item_on(bool streamed)
    {
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "UnknownParameters": "drop" """ };
        var before = $$"""{"role":"user","content":"{{Long("story")}}"},{"role":"assistant","content":"{{Long("answer")}}"},{"role":"user","content":"continue"}""";
        string output;
        await using (var host = await OutcomeHost.StartAsync(setup, server))
        {
            var response = await RespondAsync(host, streamed, $$"""{"input":[{{before}}],"store":false,"context_management":{{Wish}}}""");
            Assert.Equal(["compaction", "message"], Types(response));
            output = string.Join(',', response["output"]!.AsArray().Select(i => i!.ToJsonString()));
        }

        // The key of the items outlives the process.
        await using var again = await OutcomeHost.StartAsync(setup, server);
        foreach (var items in (string[])[output, $"{before},{output}"])
            await RespondAsync(again, streamed, $$"""{"input":[{{items}},{"role":"user","content":"more"}],"store":false}""");

        Assert.Equal(["user: summary 1", "assistant: answer 1", "user: more"], Said(server.Requests[2]));
        Assert.Equal(["user: continue", "user: summary 1", "assistant: answer 1", "user: more"], Said(server.Requests[3]));
    }

    [Fact]
    public async Task A_conversation_becomes_the_messages_of_the_user_and_an_item()
    {
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var first = await RespondAsync(host, false, """{"input":"one"}""");
        var input = """
            [{"role":"user","content":[{"type":"input_text","text":"two"},{"type":"input_image","image_url":"https://example.com/a.png"}]},
            {"type":"function_call","call_id":"c","name":"weather","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"sunny"}]
            """;

        var compacted = await host.AskAsync(
            "/v1/responses/compact",
            $$"""{"model":"assistant","text":{"verbosity":"low"},"tools":[{"type":"function","name":"f"}],"parallel_tool_calls":false,"input":{{input}},"previous_response_id":"{{first["id"]}}"}""");
        var items = string.Join(',', compacted["output"]!.AsArray().Select(i => i!.ToJsonString()));
        await RespondAsync(host, false, $$"""{"input":[{{items}},{"role":"user","content":"three"}],"store":false}""");
        await RespondAsync(host, false, $$"""{"input":[{{items}},{"role":"user","content":"three"}]}""");

        Assert.Equal("response.compaction", (string?)compacted["object"]);
        Assert.Equal(["message", "message", "compaction"], Types(compacted));
        Assert.Equal(7, (int?)compacted["usage"]!["total_tokens"]);
        var asked = (string)server.Requests[1].Messages[1]["content"]!;
        Assert.Contains("user: one\nassistant: answer 1\nuser: two\nuser: (a file)\nassistant: calls weather {}\ntool: sunny\n", asked, StringComparison.Ordinal);
        Assert.Null(server.Requests[1].Body["tools"]);
        Assert.All(server.Requests.Skip(2), r => Assert.Equal(["user: one", "user: two", "user: summary 1", "user: three"], Said(r)));
        Assert.DoesNotContain("summary", items, StringComparison.Ordinal);
        // Nothing of it is stored.
        Assert.Equal(2, (await host.GetAsync("/v1/sessions")).Json.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_trigger_at_the_end_is_answered_with_the_item_alone()
    {
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var first = await RespondAsync(host, true, """{"input":"one"}""");
        var second = await RespondAsync(host, true, $$"""{"input":[{"type":"compaction_trigger"}],"previous_response_id":"{{first["id"]}}"}""");
        await RespondAsync(host, true, $$"""{"input":"two","previous_response_id":"{{second["id"]}}"}""");
        var refused = await host.PostTextAsync("/v1/responses", """{"input":[{"type":"compaction_trigger"},{"role":"user","content":"two"}]}""");

        Assert.Equal(["compaction"], Types(second));
        Assert.Equal(["user: one", "user: summary 1", "user: two"], Said(server.Requests[^1]));
        Assert.True(refused.Status == 400 && refused.Text.Contains("input[0].type", StringComparison.Ordinal), refused.Text);
    }

    [Fact]
    public async Task An_item_is_for_its_tenant_and_unchanged()
    {
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup("sqlite") { Keys = [ApiKey.Create("one", "a", false), ApiKey.Create("two", "b", false)] };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var conversation = """{"input":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}""";
        var (_, text, _) = await host.PostTextAsync("/v1/responses/compact", conversation, ("Authorization", "Bearer one"));
        var item = JsonNode.Parse(text)!["output"]!.AsArray()[^1]!;

        var own = await SendAsync("one", item);
        var foreign = await SendAsync("two", item);
        item["encrypted_content"] = (string?)item["encrypted_content"] + "AAAA";
        var changed = await SendAsync("one", item);
        item["encrypted_content"] = "gAAAA";
        var ofService = await SendAsync("one", item);

        Assert.True(own.Status == 200, own.Text);
        Assert.All([foreign, changed], r => Assert.True(r.Status == 400 && r.Text.Contains("\"param\":\"input[0].encrypted_content\",\"code\":\"invalid_value\"", StringComparison.Ordinal), r.Text));
        Assert.True(ofService.Status == 400 && ofService.Text.Contains("no items of the type 'compaction'", StringComparison.Ordinal), ofService.Text);

        async Task<(int Status, string Text, HttpResponseMessage Response)> SendAsync(string key, JsonNode sent) => await host.PostTextAsync(
            "/v1/responses", $$"""{"input":[{{sent.ToJsonString()}},{"role":"user","content":"more"}],"store":false}""", ("Authorization", $"Bearer {key}"));
    }

    [Fact]
    public void Hosts_with_the_same_key_of_the_cluster_read_each_others_items()
    {
        var text = CompactionSeal.From(new Secret("shared")).Seal("acme", new("They met."));

        Assert.Equal("They met.", CompactionSeal.From(new Secret("shared")).Open("acme", text)?.Summary);
        Assert.Null(CompactionSeal.From(new Secret("other")).Open("acme", text));
        Assert.Null(CompactionSeal.From(new Secret("shared")).Open("globex", text));
    }

    [Fact]
    public async Task A_conversation_that_is_too_long_for_the_model_is_compacted_in_parts()
    {
        var dialect = new Windowed(2_000, 4);
        await using var server = await WireServer.StartAsync(dialect);
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var turns = Enumerable.Range(0, 30).Select(i => $$"""{"role":"user","content":"turn {{i}}"},{"role":"assistant","content":"{{new string('x', 1000)}}"}""");

        var compacted = await host.AskAsync("/v1/responses/compact", $$"""{"input":[{{string.Join(',', turns)}}]}""");

        Assert.Equal(31, Types(compacted).Length);
        Assert.InRange(dialect.Answered, 5, 40);
        Assert.Contains("turn 29", server.Requests[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Counting_leaves_out_what_an_item_replaces(bool isStored)
    {
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var first = await RespondAsync(host, false, $$"""{"input":"{{Long("story")}}"}""");
        var second = await RespondAsync(host, false, $$"""{"input":"continue","previous_response_id":"{{first["id"]}}","context_management":{{Wish}}}""");
        Assert.Equal(["compaction", "message"], Types(second));
        var items = string.Join(',', second["output"]!.AsArray().Select(i => i!.ToJsonString()));

        var count = await host.AskAsync("/v1/responses/input_tokens", isStored
            ? $$"""{"input":"more","previous_response_id":"{{second["id"]}}"}"""
            : $$"""{"input":[{{items}},{"role":"user","content":"more"}]}""");

        // The summary with its head, "answer 2" and "more". The sealed text alone would be more than 60.
        Assert.InRange((int)count["input_tokens"]!, 10, 40);
    }

    [Fact]
    public async Task A_second_summary_replaces_the_first()
    {
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var first = await RespondAsync(host, false, $$"""{"input":"{{Long("story")}}"}""");
        var second = await RespondAsync(host, false, $$"""{"input":"continue","previous_response_id":"{{first["id"]}}","context_management":{{Wish}}}""");
        await RespondAsync(host, false, $$"""{"input":"{{Long("more")}}","previous_response_id":"{{second["id"]}}","context_management":{{Wish}}}""");

        Assert.Equal(["user: continue", "user: summary 2", $"user: {Long("more")}"], Said(server.Requests[4]));
    }

    [Fact]
    public async Task What_is_kept_by_configuration_stays_in_the_request_that_compacts()
    {
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup("sqlite") { HistoryHost = "\"KeepOpener\": true" };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var first = await RespondAsync(host, false, $$"""{"input":"{{Long("opener")}}"}""");
        var second = await RespondAsync(host, false, $$"""{"input":"two","previous_response_id":"{{first["id"]}}"}""");
        await RespondAsync(host, false, $$"""{"input":"three","previous_response_id":"{{second["id"]}}","context_management":{{Wish}}}""");

        Assert.Equal([$"user: {Long("opener")}", "user: two", "user: summary 1", "user: three"], Said(server.Requests[^1]));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_tool_loop_of_the_host_is_compacted_on_its_way(string store)
    {
        var dialect = new Windowed(100_000, 4);
        await using var server = await WireServer.StartAsync(dialect, keepsRequests: false);
        using var setup = new OutcomeSetup(store) { Behind = """{ "Plugin": "large-tool" }""", Model = """ "Model": "local" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var response = await RespondAsync(host, true, """{"input":"6 times","context_management":[{"type":"compaction","compact_threshold":6000}]}""");
        await RespondAsync(host, true, $$"""{"input":"0 times","previous_response_id":"{{response["id"]}}"}""");

        Assert.Empty(dialect.Wrong);
        Assert.Contains("compaction", Types(response));
        // Six results of 10 kB would be 15 000 tokens.
        Assert.InRange(dialect.Longest, 5_000, 10_000);
    }

    private static string Long(string word) => string.Join(' ', Enumerable.Repeat(word, 20));

    private static string[] Types(JsonNode response) => [.. response["output"]!.AsArray().Select(i => (string)i!["type"]!)];

    /// <summary>The messages as <c>role: text</c>, a summary without what is before it.</summary>
    private static string[] Said(WireRequest request) => [.. request.Messages.Where(m => (string?)m["role"] != "system").Select(m => $"{m["role"]}: {TextOf(m["content"]!)}")];

    private static string TextOf(JsonNode content) => content is JsonArray parts ? (string)parts[0]!["text"]! : (string)content! is var text && text.StartsWith("Summary of", StringComparison.Ordinal) ? text[(text.IndexOf('\n') + 1)..] : (string)content!;
}
