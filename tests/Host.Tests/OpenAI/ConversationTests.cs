using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

public sealed class ConversationTests
{
    [Fact]
    public async Task A_conversation_is_created_changed_and_deleted()
    {
        await using var host = await ApiHost.StartAsync();

        var created = await host.CallAsync("POST", "/v1/conversations", """{"metadata":{"a":"1","b":"2"}}""");
        var path = $"/v1/conversations/{created.Id()}";
        var read = await host.CallAsync("GET", path);
        var changed = await host.CallAsync("POST", path, """{"metadata":{"b":"3","c":"4"}}""");
        var deleted = await host.CallAsync("DELETE", path);

        Assert.StartsWith("conv_", created.Id(), StringComparison.Ordinal);
        Assert.True(created.GetProperty("created_at").TryGetInt64(out _));
        Assert.Equal(created.GetRawText(), read.GetRawText());
        Assert.Equal("b=3 c=4", string.Join(' ', changed.GetProperty("metadata").EnumerateObject().OrderBy(m => m.Name).Select(m => $"{m.Name}={m.Value}")));
        Assert.Equal($$"""{"id":"{{created.Id()}}","object":"conversation.deleted","deleted":true}""", deleted.GetRawText());
        foreach (var (method, at, body) in new[] { ("GET", path, null), ("POST", path, """{"metadata":{}}"""), ("DELETE", path, null), ("GET", $"{path}/items", null), ("POST", $"{path}/items", """{"items":[{"role":"user","content":"x"}]}""") })
            await host.RefusedAsync(method, at, body, 404, "session_not_found", null);
        await host.RefusedAsync("POST", "/v1/responses", $$"""{"model":"assistant","input":"x","conversation":"{{created.Id()}}"}""", 404, "session_not_found", null);
    }

    [Fact]
    public async Task A_forged_compaction_item_is_refused()
    {
        await using var host = await ApiHost.StartAsync();
        const string Items = """{"items":[{"role":"user","content":"hi"},{"type":"compaction","encrypted_content":"pluginhost.c1.AAAA"}]}""";
        var path = $"/v1/conversations/{(await host.CallAsync("POST", "/v1/conversations", "{}")).Id()}/items";

        foreach (var at in (string[])["/v1/conversations", path]) await host.RefusedAsync("POST", at, Items, 400, "invalid_value", "items[1].encrypted_content");

        Assert.Equal(0, (await host.CallAsync("GET", path)).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Runs_and_added_items_make_one_conversation()
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        var id = (await host.CallAsync("POST", "/v1/conversations", """{"items":[{"role":"user","content":"seed"},{"role":"assistant","content":"noted"}]}""")).Id();

        var first = await host.RespondAsync($$"""{"model":"assistant","conversation":"{{id}}","input":"one"}""");
        var added = await host.CallAsync("POST", $"/v1/conversations/{id}/items", """{"items":[{"type":"message","role":"user","content":[{"type":"input_text","text":"added"}]}]}""");
        var second = await host.RespondAsync($$"""{"model":"assistant","conversation":{"id":"{{id}}"},"input":"two"}""");
        var list = await host.CallAsync("GET", $"/v1/conversations/{id}/items?order=asc");

        Assert.Equal(id, second.GetProperty("conversation").Id());
        Assert.Equal(["user: seed", "assistant: noted", "user: one", "assistant: ok", "user: added", "user: two"], model.Sent(1));
        Assert.Equal(["user: seed", "assistant: noted", "user: one", "assistant: ok", "user: added", "user: two", "assistant: ok"], list.Described());
        var items = list.GetProperty("data");
        Assert.Equal((first.Item(0).GetRawText(), second.Item(0).GetRawText()), (items[3].GetRawText(), items[6].GetRawText()));
        Assert.Equal(added.GetProperty("data")[0].GetRawText(), items[4].GetRawText());
        foreach (var item in items.EnumerateArray())
            Assert.Equal(item.GetRawText(), (await host.CallAsync("GET", $"/v1/conversations/{id}/items/{item.Id()}")).GetRawText());
    }

    [Fact]
    public async Task A_response_that_follows_one_of_a_conversation_does_not_change_it()
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        var id = (await host.CallAsync("POST", "/v1/conversations", "{}")).Id();
        var response = await host.RespondAsync($$"""{"model":"assistant","conversation":"{{id}}","input":"one"}""");

        await host.RespondAsync($$"""{"model":"assistant","previous_response_id":"{{response.Id()}}","input":"aside"}""");

        Assert.Equal(["user: one", "assistant: ok", "user: aside"], model.Sent(1));
        Assert.Equal(["assistant: ok", "user: one"], (await host.CallAsync("GET", $"/v1/conversations/{id}/items")).Described());
    }

    [Theory]
    [InlineData("asc", 7)]
    [InlineData("desc", 7)]
    [InlineData("asc", 100)]
    [InlineData("desc", 100)]
    public async Task Over_a_hundred_items_are_listed_by_pages_without_dropping_any(string order, int limit)
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("ok"));
        var id = (await host.CallAsync("POST", "/v1/conversations", "{}")).Id();
        var expected = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            await host.RespondAsync($$"""{"model":"assistant","conversation":"{{id}}","input":[{"role":"user","content":"a{{i}}"},{"role":"user","content":"b{{i}}"}]}""");
            var texts = Enumerable.Range(0, 20).Select(n => $"i{i}-{n}").ToList();
            await host.CallAsync("POST", $"/v1/conversations/{id}/items", $$"""{"items":[{{string.Join(',', texts.Select(Said))}}]}""");
            expected.AddRange([$"user: a{i}", $"user: b{i}", "assistant: ok", .. texts.Select(t => $"user: {t}")]);
        }

        var (found, after, pages) = (new List<string>(), "", 0);
        JsonElement page;
        do
        {
            page = await host.CallAsync("GET", $"/v1/conversations/{id}/items?order={order}&limit={limit}{after}");
            found.AddRange(page.Described());
            after = $"&after={page.Text("last_id")}";
            pages++;
        }
        while (page.GetProperty("has_more").GetBoolean());

        if (order == "desc") expected.Reverse();
        Assert.Equal(expected, found);
        Assert.Equal((expected.Count + limit - 1) / limit, pages);
    }

    [Theory]
    [InlineData("/v1/conversations", "{}")]
    [InlineData("/v1/conversations/conv_1", """{"metadata":{}}""")]
    [InlineData("/v1/conversations/conv_1/items", """{"items":[{"role":"user","content":"hi"}]}""")]
    public async Task An_idempotency_key_that_has_no_effect_is_refused(string path, string body)
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("ok"));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, null, "application/json") };
        request.Headers.Add("Idempotency-Key", "k");

        var error = await (await host.Http.SendAsync(request)).OpenAIErrorAsync(400, "unsupported_parameter");

        Assert.Equal("Idempotency-Key", error.GetProperty("param").GetString());
        using var sessions = await host.Http.GetAsync("/v1/sessions");
        Assert.Empty((await sessions.JsonAsync()).GetProperty("data").EnumerateArray());
    }

    private static string Said(string text) => $$"""{"role":"user","content":"{{text}}"}""";

    [Fact]
    public async Task Calls_and_outputs_are_items_and_those_that_the_host_answers_are_not()
    {
        var model = new ScriptedModel(
            _ => new[] { new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("see"), new FunctionCallContent("c1", "weather")]) { MessageId = "m" } }.ToAsyncEnumerable(),
            _ => ScriptedModel.Say("sunny"));
        await using var host = await ApiHost.StartAsync(model);
        var id = (await host.CallAsync("POST", "/v1/conversations", "{}")).Id();
        const string Tools = """ "tools":[{"type":"function","name":"weather"}] """;

        var open = await host.RespondAsync($$"""{"model":"assistant","conversation":"{{id}}","input":"hi",{{Tools}}}""");
        await host.RefusedAsync("POST", "/v1/responses", $$"""{"model":"assistant","conversation":"{{id}}","input":"never mind"}""", 400, "tool_result_missing", "input");
        await host.CallAsync("POST", $"/v1/conversations/{id}/items", """{"items":[{"type":"function_call_output","call_id":"c1","output":"sun"}]}""");
        await host.RespondAsync($$"""{"model":"assistant","conversation":"{{id}}","input":"and?",{{Tools}}}""");

        Assert.Equal(["user: hi", "assistant: see", "call weather", "output sun", "user: and?", "assistant: sunny"], (await host.CallAsync("GET", $"/v1/conversations/{id}/items?order=asc")).Described());
        Assert.Equal(["user: hi", "assistant: see<weather>", "tool: [sun]", "user: and?"], model.Sent(1));
        // The text and the call are one message, and are deleted together. The model does not get the output of a deleted call.
        await host.CallAsync("DELETE", $"/v1/conversations/{id}/items/{open.Item(1).Id()}");
        await host.RefusedAsync("GET", $"/v1/conversations/{id}/items/{open.Item(0).Id()}", null, 404, "item_not_found", null);
        await host.RespondAsync($$"""{"model":"assistant","conversation":"{{id}}","input":"more"}""");
        Assert.Equal(["user: hi", "user: and?", "assistant: sunny", "user: more"], model.Sent(2));
    }

    [Fact]
    public async Task A_deleted_item_is_no_longer_sent_to_the_model()
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        var id = (await host.CallAsync("POST", "/v1/conversations", """{"items":[{"role":"user","content":"secret"},{"role":"user","content":"open"}]}""")).Id();
        var secret = (await host.CallAsync("GET", $"/v1/conversations/{id}/items?order=asc&limit=1")).Text("first_id");

        var conversation = await host.CallAsync("DELETE", $"/v1/conversations/{id}/items/{secret}");
        await host.RespondAsync($$"""{"model":"assistant","conversation":"{{id}}","input":"go"}""");

        Assert.Equal(("conversation", id), (conversation.Text("object"), conversation.Id()));
        Assert.Equal(["user: open", "user: go"], model.Sent(0));
        await host.RefusedAsync("DELETE", $"/v1/conversations/{id}/items/{secret}", null, 404, "item_not_found", null);
    }

    [Theory]
    [InlineData("POST", "", """{"metadata":{"a":1}}""", "invalid_type", "metadata.a")]
    [InlineData("POST", "", """{"items":{}}""", "invalid_type", "items")]
    [InlineData("POST", "", """{"items":[{"role":"king","content":"x"}]}""", "invalid_value", "items[0].role")]
    [InlineData("POST", "", """{"x":1}""", "unknown_parameter", "x")]
    [InlineData("POST", "/ID", "{}", "missing_required_parameter", "metadata")]
    [InlineData("POST", "/ID/items", "{}", "missing_required_parameter", "items")]
    [InlineData("POST", "/ID/items", """{"items":[]}""", "invalid_value", "items")]
    [InlineData("POST", "/ID/items", """{"items":[{"role":"user","content":""}]}""", "invalid_value", "items[0].content")]
    [InlineData("POST", "/ID/items", """{"items":[{"type":7}]}""", "invalid_type", "items[0].type")]
    [InlineData("GET", "/ID/items?limit=0", null, "invalid_value", "limit")]
    [InlineData("GET", "/ID/items?order=up", null, "invalid_value", "order")]
    [InlineData("GET", "/ID/items?after=msg_none", null, "invalid_value", "after")]
    public async Task Bad_input_is_refused_and_changes_nothing(string method, string path, string? body, string code, string param)
    {
        await using var host = await ApiHost.StartAsync();
        var id = (await host.CallAsync("POST", "/v1/conversations", """{"items":[{"role":"user","content":"kept"}]}""")).Id();

        await host.RefusedAsync(method, "/v1/conversations" + path.Replace("ID", id, StringComparison.Ordinal), body, 400, code, param);

        Assert.Equal(["user: kept"], (await host.CallAsync("GET", $"/v1/conversations/{id}/items")).Described());
        Assert.Equal(1, (await host.CallAsync("GET", "/v1/sessions")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task More_than_twenty_items_at_once_are_refused()
    {
        await using var host = await ApiHost.StartAsync();
        var items = string.Join(',', Enumerable.Repeat("""{"role":"user","content":"x"}""", 21));
        await host.RefusedAsync("POST", "/v1/conversations", $$"""{"items":[{{items}}]}""", 400, "invalid_value", "items");
    }
}
