using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;
using PluginHost.Tests.Engine.Approvals;

namespace PluginHost.Tests.OpenAI;

/// <summary>Approvals as clients of OpenAI's interface see them.</summary>
public sealed class ApprovalTests
{
    private readonly ApprovalHost _tools = new();

    [Theory]
    [InlineData("previous")]
    [InlineData("conversation")]
    [InlineData("transcript")]
    public async Task A_response_asks_as_a_tool_of_a_service_does_and_the_answer_has_what_comes_behind(string form)
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay());
        var conversation = form == "conversation" ? (await (await host.PostAsync("/v1/conversations", "{}")).JsonAsync()).Text("id") : null;
        var place = conversation is null ? "" : $$""","conversation":"{{conversation}}" """;
        var first = await (await host.PostAsync("/v1/responses", $$"""{"input":"pay"{{place}}}""")).JsonAsync();
        Assert.Equal("completed", first.Text("status"));
        Assert.Equal(["message", "mcp_approval_request"], Types(first));
        var asked = first.GetProperty("output")[1];
        Assert.Equal(("pay", """{"amount":5}""", "tools"), (asked.Text("name"), asked.Text("arguments"), asked.Text("server_label")));

        var answer = $$"""{"type":"mcp_approval_response","approval_request_id":"{{asked.Text("id")}}","approve":true}""";
        var body = form switch
        {
            "previous" => $$"""{"previous_response_id":"{{first.Text("id")}}","input":[{{answer}}]}""",
            "conversation" => $$"""{"conversation":"{{conversation}}","input":[{{answer}}]}""",
            _ => $$"""{"input":[{"role":"user","content":"pay"},{{first.GetProperty("output")[0].GetRawText()}},{{asked.GetRawText()}},{{answer}}]}""",
        };
        var second = await (await host.PostAsync("/v1/responses", body)).JsonAsync();
        var again = await (await host.PostAsync("/v1/responses", body)).JsonAsync();
        var whole = await (await host.Http.GetAsync($"/v1/responses/{first.Text("id")}")).JsonAsync();
        var third = await (await host.PostAsync("/v1/responses", $$"""{"previous_response_id":"{{second.Text("id")}}","input":"more"}""")).JsonAsync();

        Assert.Equal(("completed", first.Text("id")), (second.Text("status"), second.Text("id")));
        Assert.Equal("done", Assert.Single(second.GetProperty("output").EnumerateArray()).GetProperty("content")[0].Text("text"));
        Assert.Equal(second.GetRawText(), again.GetRawText());
        Assert.Equal(["message", "mcp_approval_request", "message"], Types(whole));
        Assert.Equal(whole.GetProperty("output")[2].Text("id"), second.GetProperty("output")[0].Text("id"));
        Assert.Equal("completed", third.Text("status"));
        Assert.Equal(["pay"], _tools.Acted);
    }

    [Fact]
    public async Task A_decision_that_differs_from_an_earlier_one_decides_no_other_call()
    {
        await using var host = await StartAsync(new ScriptedModel(_ => ApprovalHost.Calls(("1", "pay", 1), ("2", "pay", 2)), _ => ApprovalHost.Say("done")));
        var first = await (await host.PostAsync("/v1/responses", """{"input":"pay"}""")).JsonAsync();
        var ids = first.GetProperty("output").EnumerateArray().Skip(1).Select(i => i.Text("id")).ToList();
        await host.PostAsync($"/v1/approvals/{ids[1]}", """{"approve":false}""");
        var both = string.Join(",", ids.Select(id => $$"""{"type":"mcp_approval_response","approval_request_id":"{{id}}","approve":true}"""));

        var answer = await host.PostAsync("/v1/responses", $$"""{"previous_response_id":"{{first.Text("id")}}","input":[{{both}}]}""");

        Assert.Equal(409, (int)answer.StatusCode);
        Assert.Equal("pending", (await (await host.Http.GetAsync($"/v1/approvals/{ids[0]}")).JsonAsync()).Text("status"));
        Assert.Empty(_tools.Effects);
    }

    [Fact(Timeout = 60_000)]
    public async Task Many_decisions_are_read_in_one_pass()
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay());
        var items = string.Join(",", Enumerable.Range(0, 100_000).Select(i => $$"""{"type":"mcp_approval_response","approval_request_id":"apr_resp_x.{{i}}","approve":true}"""));

        Assert.Equal(404, (int)(await host.PostAsync("/v1/responses", $$"""{"input":[{{items}}]}""")).StatusCode);
    }

    [Fact]
    public async Task An_approval_is_answered_over_a_websocket_as_by_POST()
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay());
        using var client = await SocketClient.OpenAsync(host.Address);
        var first = await client.RespondAsync("""{"input":"pay"}""");
        var id = first.GetProperty("output")[1].Text("id");

        var second = await client.RespondAsync($$"""{"previous_response_id":"{{first.Id()}}","input":[{"type":"mcp_approval_response","approval_request_id":"{{id}}","approve":true}]}""");

        Assert.Equal((first.Id(), "done"), (second.Id(), second.OutputText()));
        Assert.Equal(["pay"], _tools.Acted);
    }

    [Fact]
    public async Task A_decision_that_finds_no_free_stream_decides_nothing()
    {
        var server = new ServerConfiguration { Listen = ["http://127.0.0.1:0"], MaxStreamsPerTenant = 1 };
        await using var host = await ApiHost.StartAsync(server, model: ApprovalHost.PayThenSay(), plugins: [_tools.Tools()]);
        using var held = await SocketClient.OpenAsync(host.Address);
        var first = await (await host.PostAsync("/v1/responses", """{"input":"pay"}""")).JsonAsync();
        var id = first.GetProperty("output")[1].Text("id");

        var answer = await host.PostAsync("/v1/responses", $$"""{"stream":true,"input":[{"type":"mcp_approval_response","approval_request_id":"{{id}}","approve":true}]}""");

        Assert.Equal(429, (int)answer.StatusCode);
        Assert.Equal("pending", (await (await host.Http.GetAsync($"/v1/approvals/{id}")).JsonAsync()).Text("status"));
    }

    [Fact]
    public async Task Streams_ask_and_continue_with_numbers_and_places_from_their_beginning()
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay());
        var first = await EventsAsync(await host.PostAsync("/v1/responses", """{"input":"pay","stream":true}"""));
        var asked = first.Last(e => e.Text("type") == "response.output_item.done").GetProperty("item");
        Assert.Equal("response.completed", first[^1].Text("type"));

        var second = await EventsAsync(await host.PostAsync(
            "/v1/responses",
            $$"""{"stream":true,"previous_response_id":"{{first[^1].GetProperty("response").Text("id")}}","input":[{"type":"mcp_approval_response","approval_request_id":"{{asked.Text("id")}}","approve":false,"reason":"no"}]}"""));
        var whole = await EventsAsync(await host.Http.GetAsync($"/v1/responses/{first[^1].GetProperty("response").Text("id")}?stream=true"));

        Assert.Equal(["response.created", "response.in_progress", "response.output_item.added"], second.Take(3).Select(e => e.Text("type")));
        Assert.Equal(0, second[2].GetProperty("output_index").GetInt32());
        foreach (var events in new[] { first, second }) Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal("done", second[^1].GetProperty("response").GetProperty("output")[0].GetProperty("content")[0].Text("text"));
        Assert.Equal(first.SkipLast(1).Select(e => e.GetProperty("sequence_number").GetInt32()), whole.Take(first.Count - 1).Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal(first.Count, whole[first.Count - 1].GetProperty("sequence_number").GetInt32());
        Assert.Empty(_tools.Effects);
    }

    [Theory]
    [InlineData("""[{"type":"mcp_approval_response","approval_request_id":"ID"}]""", "", 400)]
    [InlineData("""[{"role":"user","content":"and"},{"type":"mcp_approval_response","approval_request_id":"ID","approve":true}]""", "\"previous_response_id\":\"RESPONSE\",", 400)]
    [InlineData("""[{"type":"mcp_approval_response","approval_request_id":"ID","approve":true}]""", "\"previous_response_id\":\"resp_other\",", 400)]
    [InlineData("""[{"type":"mcp_approval_response","approval_request_id":"apr_resp_x.0123456789abcdef","approve":true}]""", "", 404)]
    [InlineData("""[{"type":"mcp_approval_response","approval_request_id":"ID","approve":true},{"type":"mcp_approval_response","approval_request_id":"ID","approve":false}]""", "", 400)]
    public async Task A_wrong_decision_changes_nothing(string input, string place, int status)
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay());
        var first = await (await host.PostAsync("/v1/responses", """{"input":"pay"}""")).JsonAsync();
        var body = $$"""{{{place}}"input":{{input}}}""".Replace("ID", first.GetProperty("output")[1].Text("id"), StringComparison.Ordinal).Replace("RESPONSE", first.Text("id"), StringComparison.Ordinal);

        var answer = await host.PostAsync("/v1/responses", body);

        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        Assert.Equal(1, (await (await host.Http.GetAsync("/v1/approvals")).JsonAsync()).GetProperty("data").GetArrayLength());
        Assert.Empty(_tools.Effects);
    }

    [Fact]
    public async Task All_approvals_of_a_response_are_decided_at_once_and_other_input_is_refused_meanwhile()
    {
        await using var host = await StartAsync(new ScriptedModel(_ => ApprovalHost.Calls(("1", "pay", 1), ("2", "pay", 2)), _ => ApprovalHost.Say("done")));
        var first = await (await host.PostAsync("/v1/responses", """{"input":"pay"}""")).JsonAsync();
        var ids = first.GetProperty("output").EnumerateArray().Skip(1).Select(i => i.Text("id")).ToList();

        var one = await host.PostAsync("/v1/responses", $$"""{"previous_response_id":"{{first.Text("id")}}","input":[{"type":"mcp_approval_response","approval_request_id":"{{ids[0]}}","approve":true}]}""");
        var more = await host.PostAsync("/v1/responses", $$"""{"previous_response_id":"{{first.Text("id")}}","input":"more"}""");
        var both = string.Join(",", ids.Select(id => $$"""{"type":"mcp_approval_response","approval_request_id":"{{id}}","approve":true}"""));
        var second = await (await host.PostAsync("/v1/responses", $$"""{"previous_response_id":"{{first.Text("id")}}","input":[{{both}}]}""")).JsonAsync();

        Assert.Equal((400, "tool_result_missing"), ((int)one.StatusCode, (await one.JsonAsync()).GetProperty("error").Text("code")));
        Assert.Equal((409, "approval_pending"), ((int)more.StatusCode, (await more.JsonAsync()).GetProperty("error").Text("code")));
        Assert.Equal(["message"], Types(second));
        Assert.Equal(2, _tools.Effects.Count);
    }

    [Fact]
    public async Task A_chat_completion_does_not_wait_and_its_model_learns_that_the_call_was_refused()
    {
        var model = ApprovalHost.PayThenSay();
        await using var host = await StartAsync(model);
        var answer = await (await host.PostAsync("/v1/chat/completions", """{"model":"assistant","messages":[{"role":"user","content":"pay"}]}""")).JsonAsync();

        Assert.Equal("stop", answer.GetProperty("choices")[0].Text("finish_reason"));
        Assert.StartsWith("tool: [The call was refused", model.Sent(1).Last(), StringComparison.Ordinal);
        Assert.Empty(_tools.Effects);
    }

    private Task<ApiHost> StartAsync(IChatClient model) => ApiHost.StartAsync(model: model, plugins: [_tools.Tools()]);

    private static IEnumerable<string?> Types(JsonElement response) => response.GetProperty("output").EnumerateArray().Select(i => i.Text("type"));

    private static async Task<List<JsonElement>> EventsAsync(HttpResponseMessage answer) =>
        [.. (await answer.Content.ReadAsStringAsync()).Split('\n').Where(l => l.StartsWith("data: {", StringComparison.Ordinal)).Select(l => JsonElement.Parse(l[6..]))];
}
