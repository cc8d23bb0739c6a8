using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>Which tools of a service an agent takes, refuses, drops and passes on.</summary>
public sealed class HostedToolRuleTests
{
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

    private static async Task<JsonNode> RefusedAsync(OutcomeHost host, string path, string body)
    {
        var (status, text, _) = await host.PostTextAsync(path, body);
        Assert.True(status == 400, text);
        var error = JsonNode.Parse(text)!["error"]!;
        Assert.Equal("unsupported_parameter", (string?)error["code"]);
        return error;
    }
}
