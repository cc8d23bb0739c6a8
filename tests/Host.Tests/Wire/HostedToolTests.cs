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

    [Fact]
    public async Task A_tool_of_the_service_may_have_a_name_of_any_kind_and_a_namespace_has_a_bound()
    {
        await using var server = await WireServer.StartAsync(new HostedTools());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var named = await host.PostTextAsync("/v1/responses", """{"input":"hi","stream":true,"tools":[{"type":"mcp","name":5}]}""");
        Assert.True(named.Status == 200 && named.Text.Contains("response.completed", StringComparison.Ordinal), named.Text);

        var functions = string.Join(',', Enumerable.Repeat("""{"type":"function","name":"f"}""", 1025));
        var many = await host.PostTextAsync("/v1/responses", $$"""{"input":"hi","tools":[{"type":"namespace","name":"n","tools":[{{functions}}]}]}""");
        Assert.True(many.Status == 400 && many.Text.Contains("at most 1024", StringComparison.Ordinal), many.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_function_that_is_declared_inside_of_a_namespace_is_the_callers(bool streamed)
    {
        const string Agents = """[{"type":"namespace","name":"agents","description":"Agents.","tools":[{"type":"function","name":"list_agents","description":"Lists.","strict":false,"parameters":{"type":"object","properties":{}}}]}]""";
        await using var server = await WireServer.StartAsync(new ToolUser());
        using var setup = new OutcomeSetup("sqlite") { Behind = Memory, Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var input = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "use list_agents" });

        var call = (await RespondAsync(host, streamed, $$"""{"input":{{input.ToJsonString()}},"store":false,"tools":{{Agents}}}"""))["output"]![0]!;
        input.Add(call.DeepClone());
        input.Add(new JsonObject { ["type"] = "function_call_output", ["call_id"] = call["call_id"]!.DeepClone(), ["output"] = "none" });
        var second = await RespondAsync(host, streamed, $$"""{"input":{{input.ToJsonString()}},"store":false,"tools":{{Agents}}}""");

        Assert.Equal(("list_agents", "agents"), ((string?)call["name"], (string?)call["namespace"]));
        Assert.Equal("It says: none", (string?)second["output"]![0]!["content"]![0]!["text"]);
        Assert.Equal("agents", (string?)server.Requests[1].Input.Single(i => (string?)i["type"] == "function_call")["namespace"]);
    }

    [Fact]
    public async Task A_server_without_the_interface_gets_no_such_tool_and_the_refusal_says_what_cures_it()
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var tool = await RefusedAsync(host, "/v1/responses", """{"input":"hi","tools":[{"type":"web_search"}]}""");
        var item = await RefusedAsync(host, "/v1/responses", """{"input":[{"type":"local_shell_call_output","call_id":"c","output":"x"}]}""");
        var choice = await RefusedAsync(host, "/v1/responses", """{"input":"hi","tool_choice":{"type":"mcp","server_label":"x"}}""");
        var deferred = await RefusedAsync(host, "/v1/responses", """{"input":"hi","tools":[{"type":"function","name":"f","defer_loading":true}]}""");
        var chat = await RefusedAsync(host, "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"web_search"}]}""");

        Assert.Equal(["tools[0].type", "input[0].type", "tool_choice.type", "tools[0].defer_loading", "tools[0].type"], new[] { tool, item, choice, deferred, chat }.Select(e => (string?)e["param"]));
        Assert.Contains("'web_search'", (string?)tool["message"]);
        Assert.Contains("Model:UnknownParameters drop", (string?)tool["message"]);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task The_agent_may_drop_such_tools_and_items()
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "UnknownParameters": "Drop" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.AskAsync("/v1/responses", """{"input":[{"role":"user","content":"hi"},{"type":"web_search_call","id":"ws_1","status":"completed"},{"role":"user","content":"more"}],"tools":[{"type":"web_search"},{"type":"function","name":"f"}],"tool_choice":{"type":"web_search"}}""");
        await host.AskAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"web_search"}]}""");

        Assert.Equal(["hi", "more"], server.Requests[0].Messages.Select(m => (string?)m["content"]));
        Assert.Equal("f", (string?)Assert.Single(server.Requests[0].Body["tools"]!.AsArray())!["function"]!["name"]);
        Assert.Null(server.Requests[0].Body["tool_choice"]);
        Assert.Null(server.Requests[1].Body["tools"]);
    }

    [Theory]
    [InlineData("/v1/responses", """ "input":"hi" """)]
    [InlineData("/v1/chat/completions", """ "messages":[{"role":"user","content":"hi"}] """)]
    public async Task The_agent_may_pass_such_tools_to_a_chat_server_that_has_them(string path, string input)
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Behind = Memory, Model = """ "UnknownParameters": "Pass" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.AskAsync(path, $$$"""{ {{{input}}},"tools":[{"type":"builtin_function","function":{"name":"$web_search"}}]}""");

        Assert.Contains(server.Requests[0].Body["tools"]!.AsArray(), t => t!.ToJsonString() == """{"type":"builtin_function","function":{"name":"$web_search"}}""");
        Assert.Contains(server.Requests[0].Body["tools"]!.AsArray(), t => (string?)t!["type"] == "function");
    }

    /// <summary>The answer, of a stream the last event's; the items of its other events have to be the same.</summary>
    /// <summary>A response; of a stream, the last event, whose items are checked to be those of the events before.</summary>
    internal static async Task<JsonNode> RespondAsync(OutcomeHost host, bool streamed, string body)
    {
        var (status, text, _) = await host.PostTextAsync("/v1/responses", streamed ? body[..^1] + ",\"stream\":true}" : body);
        Assert.True(status == 200, text);
        if (!streamed) return JsonNode.Parse(text)!;
        var events = ResponsesClient.EventsIn(text);
        Assert.Equal("response.completed", events[^1].Text("type"));
        var whole = JsonNode.Parse(events[^1].GetProperty("response").GetRawText())!;
        var done = events.Where(e => e.Text("type") == "response.output_item.done").Select(e => e.GetProperty("item").GetRawText());
        Assert.Equal(whole["output"]!.AsArray().Select(i => i!.ToJsonString()), done.Select(i => JsonNode.Parse(i)!.ToJsonString()));
        return whole;
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

    private static async Task<JsonNode> RefusedAsync(OutcomeHost host, string path, string body)
    {
        var (status, text, _) = await host.PostTextAsync(path, body);
        Assert.True(status == 400, text);
        var error = JsonNode.Parse(text)!["error"]!;
        Assert.Equal("unsupported_parameter", (string?)error["code"]);
        return error;
    }

    private static async Task<JsonNode> GetAsync(OutcomeHost host, string path) => JsonNode.Parse((await host.GetAsync(path)).Json.GetRawText())!;
}
