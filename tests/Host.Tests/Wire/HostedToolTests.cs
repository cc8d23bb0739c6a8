using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Api;
using PluginHost.Tests.OpenAI;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>Tools of types that the host does not know, and their items, pass between caller and service as they are, from the first turn to later ones.</summary>
public sealed class HostedToolTests
{
    private const string Tools = """
        [{"type":"web_search","filters":null,"search_context_size":"low"},
        {"type":"local_shell"},
        {"type":"mcp","server_label":"wiki","server_url":"https://wiki.example/mcp","require_approval":"always"},
        {"type":"function","name":"weather","parameters":{"type":"object","properties":{}},"strict":false,"defer_loading":true},
        {"type":"tool_search","execution":"client"}]
        """;

    private const string Answers = """
        {"type":"local_shell_call_output","id":"lsho_0","call_id":"call_sh","output":"{\"stdout\":\"a\"}"},
        {"type":"mcp_approval_response","approval_request_id":"APPROVAL","approve":true}
        """;

    public static TheoryData<string, bool, bool> Cases => new()
    {
        { "sqlite", true, true }, { "sqlite", true, false }, { "sqlite", false, true }, { "sqlite", false, false },
        { "files", true, true }, { "files", true, false }, { "files", false, true }, { "files", false, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Items_come_back_as_they_came_over_turns_and_a_restart(string store, bool streamed, bool stored)
    {
        await using var server = await WireServer.StartAsync(new HostedTools());
        using var setup = new OutcomeSetup(store) { Model = """ "Api": "Responses" """, Agent = stored ? "" : """ "ServiceSession": "off" """ };
        JsonNode first;
        await using (var host = await OutcomeHost.StartAsync(setup, server))
        {
            first = await RespondAsync(host, streamed, $$"""{"input":"hi","client_metadata":{"a":"b"},"tool_choice":{"type":"web_search"},"tools":{{Tools}}}""");
            await host.StopAsync();
        }

        await using var again = await OutcomeHost.StartAsync(setup, server);
        var read = await GetAsync(again, $"/v1/responses/{first["id"]}");
        var second = await RespondAsync(again, streamed, $$"""{"input":[{{AnswersTo(first)}}],"previous_response_id":"{{first["id"]}}","tools":{{Tools}}}""");
        var third = await RespondAsync(again, streamed, $$"""{"input":"more","previous_response_id":"{{second["id"]}}"}""");

        Equal(HostedTools.First, first);
        Same(first["output"]!.ToJsonString(), read["output"]);
        Equal(HostedTools.Second, second);
        Equal(HostedTools.Second, third);
        Same(Tools, server.Requests[0].Body["tools"]);
        Same(Tools, first["tools"]!.AsArray().Select(Sent).ToArray() is var echoed ? new JsonArray(echoed) : null);
        Same("""{"type":"web_search"}""", server.Requests[0].Body["tool_choice"]);
        Same("""{"a":"b"}""", server.Requests[0].Body["client_metadata"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_who_keeps_the_items_may_send_them_again(bool streamed)
    {
        await using var server = await WireServer.StartAsync(new HostedTools());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var input = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "hi" });

        var first = await RespondAsync(host, streamed, $$"""{"input":{{input.ToJsonString()}},"store":false,"tools":{{Tools}}}""");
        foreach (var item in first["output"]!.AsArray()) input.Add(item!.DeepClone());
        foreach (var answer in JsonNode.Parse($"[{AnswersTo(first)}]")!.AsArray()) input.Add(answer!.DeepClone());
        var second = await RespondAsync(host, streamed, $$"""{"input":{{input.ToJsonString()}},"store":false,"tools":{{Tools}}}""");

        Equal(HostedTools.Second, second);
    }

    [Fact]
    public async Task Items_can_be_named_listed_and_read()
    {
        await using var server = await WireServer.StartAsync(new HostedTools());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """, Agent = """ "ServiceSession": "off" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var conversation = (string)(await host.AskAsync("/v1/conversations", "{}"))["id"]!;
        var first = await RespondAsync(host, streamed: false, $$"""{"input":"hi","conversation":"{{conversation}}","tools":{{Tools}}}""");

        var references = string.Join(',', first["output"]!.AsArray().Select(i => $$"""{"type":"item_reference","id":"{{i!["id"]}}"}"""));
        var second = await RespondAsync(host, streamed: false, $$"""{"input":[{"role":"user","content":"hi"},{{references}},{{AnswersTo(first)}}],"store":false,"tools":{{Tools}}}""");
        var items = (await GetAsync(host, $"/v1/conversations/{conversation}/items?order=asc"))["data"]!.AsArray();
        var added = await host.AskAsync($"/v1/conversations/{conversation}/items", """{"items":[{"type":"web_search_call","id":"ws_9","status":"completed","action":{"type":"search","query":"x"}}]}""");
        var one = await GetAsync(host, $"/v1/conversations/{conversation}/items/{added["data"]![0]!["id"]}");

        Equal(HostedTools.Second, second);
        Assert.Equal(first["output"]!.AsArray().Select(i => i!.ToJsonString()), items.Skip(1).Select(i => i!.ToJsonString()));
        Assert.Equal("x", (string?)one["action"]!["query"]);
        foreach (var item in items) Assert.Equal(item!.ToJsonString(), (await GetAsync(host, $"/v1/conversations/{conversation}/items/{item["id"]}")).ToJsonString());
    }

    [Fact]
    public async Task A_stream_has_the_events_of_an_item_that_the_service_makes()
    {
        await using var server = await WireServer.StartAsync(new HostedTools());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (status, text, _) = await host.PostTextAsync("/v1/responses", $$"""{"input":"hi","stream":true,"tools":{{Tools}}}""");
        Assert.True(status == 200, text);
        var events = ResponsesClient.EventsIn(text);

        Assert.Equal(
            ["response.output_item.added", "response.web_search_call.in_progress", "response.web_search_call.searching", "response.output_item.done", "response.output_item.added"],
            events.Types().Skip(2).Take(5));
        Assert.Equal((events[2].GetProperty("item").Text("id"), "rome"), (events[4].Text("item_id"), events[4].Text("query")));
        var annotation = events.Single(e => e.Text("type") == "response.output_text.annotation.added");
        Assert.Equal("https://rome.example", annotation.GetProperty("annotation").Text("url"));
        Assert.Equal([0, 1, 2, 3], events.Where(e => e.Text("type") == "response.output_item.done").Select(e => e.GetProperty("output_index").GetInt32()));
    }

    private static string AnswersTo(JsonNode first) => Answers.Replace("APPROVAL", (string)first["output"]![3]!["id"]!, StringComparison.Ordinal);

    /// <summary>The items are those of the service, but for what the host adds to ids and to texts.</summary>
    private static void Equal(IReadOnlyList<JsonObject> expected, JsonNode response)
    {
        var output = response["output"]!.AsArray();
        Assert.Equal(expected.Count, output.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            var (want, item) = ((JsonObject)expected[i].DeepClone(), (JsonObject)output[i]!.DeepClone());
            if ((string?)want["type"] != "message") Assert.StartsWith((string)want["id"]! + "~", (string?)item["id"]);
            else item["content"]![0]!.AsObject().Remove("logprobs");
            want.Remove("id");
            item.Remove("id");
            Same(want.ToJsonString(), item);
        }
    }

    /// <summary>A function of a response has all of its members, also those that were left out.</summary>
    private static JsonNode? Sent(JsonNode? tool)
    {
        var copy = tool!.DeepClone();
        if ((string?)copy["type"] == "function") copy.AsObject().Remove("description");
        return copy;
    }

    private static async Task<JsonNode> GetAsync(OutcomeHost host, string path) => JsonNode.Parse((await host.GetAsync(path)).Json.GetRawText())!;
}
