using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

public sealed class ResponseTests
{
    private const string Weather = """{"type":"function","name":"weather","description":"The weather.","parameters":{"type":"object","properties":{"city":{"type":"string"}}},"strict":null}""";

    [Fact]
    public async Task A_response_has_all_its_members_and_is_the_same_when_it_is_read()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("hello"));

        var response = await host.RespondAsync(
            $$$"""
            {"model":"assistant","input":"hi","instructions":"Be brief.","temperature":0.5,"top_p":0.9,"max_output_tokens":50,
             "metadata":{"a":"b"},"tools":[{{{Weather}}}],"tool_choice":"auto","parallel_tool_calls":false,"text":{"format":{"type":"json_object"}},
             "reasoning":{"effort":"low"},"user":"u","truncation":"auto","include":["reasoning.encrypted_content"]}
            """);

        Assert.Equal(("response", "completed", "assistant"), (response.Text("object"), response.Text("status"), response.Text("model")));
        Assert.StartsWith("resp_", response.Id(), StringComparison.Ordinal);
        Assert.True(response.GetProperty("created_at").TryGetInt64(out _) && response.GetProperty("completed_at").TryGetInt64(out _));
        foreach (var name in new[] { "error", "incomplete_details", "previous_response_id", "conversation" }) Assert.Equal(JsonValueKind.Null, response.GetProperty(name).ValueKind);
        Assert.Equal(("Be brief.", 0.5, 0.9, 50), (response.Text("instructions"), response.GetProperty("temperature").GetDouble(), response.GetProperty("top_p").GetDouble(), response.GetProperty("max_output_tokens").GetInt32()));
        Assert.Equal((false, true, false), (response.GetProperty("parallel_tool_calls").GetBoolean(), response.GetProperty("store").GetBoolean(), response.GetProperty("background").GetBoolean()));
        Assert.Equal(("b", "auto", "weather"), (response.GetProperty("metadata").Text("a"), response.Text("tool_choice"), response.GetProperty("tools")[0].Text("name")));
        Assert.Equal("json_object", response.GetProperty("text").GetProperty("format").Text("type"));
        Assert.Equal(0, response.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt64());
        var message = response.Item(0);
        Assert.Equal(("message", "completed", "assistant"), (message.Text("type"), message.Text("status"), message.Text("role")));
        Assert.Equal("""[{"type":"output_text","text":"hello","annotations":[],"logprobs":[]}]""", message.GetProperty("content").GetRawText());
        Assert.Equal(response.GetRawText(), (await host.CallAsync("GET", $"/v1/responses/{response.Id()}")).GetRawText());
    }

    [Fact]
    public async Task Parameters_reach_the_model()
    {
        var model = ScriptedModel.Saying("{}");
        await using var host = await ApiHost.StartAsync(model);

        await host.RespondAsync(
            $$$"""
            {"model":"assistant","instructions":"Be brief.","temperature":0.5,"max_output_tokens":50,"tools":[{{{Weather}}}],"tool_choice":{"type":"function","name":"weather"},
             "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},"reasoning":{"effort":"high"},
             "input":[{"role":"developer","content":"d"},{"type":"message","role":"user","content":[{"type":"input_text","text":"look"},
              {"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"},{"type":"input_image","image_url":"https://example.com/a.png"},
              {"type":"input_file","filename":"a.pdf","file_data":"AAAA"},{"type":"input_file","file_id":"file-1"}]}]}
            """);

        var call = model.Calls.Single();
        Assert.Equal(("Be brief.", 0.5f, 50), (call.Options!.Instructions, call.Options.Temperature, call.Options.MaxOutputTokens));
        Assert.Equal("weather", ((RequiredChatToolMode)call.Options.ToolMode!).RequiredFunctionName);
        Assert.Equal("n", ((ChatResponseFormatJson)call.Options.ResponseFormat!).SchemaName);
        Assert.Equal(ReasoningEffort.High, call.Options.Reasoning!.Effort);
        Assert.Equal(["developer", "user"], call.Messages.Select(m => m.Role.Value));
        Assert.Equal(["TextContent", "DataContent", "UriContent", "DataContent", "HostedFileContent"], call.Messages[1].Contents.Select(c => c.GetType().Name));
    }

    [Fact]
    public async Task A_call_of_the_callers_tool_comes_back_and_its_output_continues()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("c1", "weather"), ("c2", "weather")), _ => ScriptedModel.Say("sunny"));
        await using var host = await ApiHost.StartAsync(model);

        var first = await host.RespondAsync($$"""{"model":"assistant","input":"weather?","tools":[{{Weather}}]}""");
        var second = await host.RespondAsync(
            $$"""{"model":"assistant","previous_response_id":"{{first.Id()}}","input":[{"type":"function_call_output","call_id":"c1","output":"sun"},{"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"rain"}]}],"tools":[{{Weather}}]}""");

        Assert.Equal(("completed", 2), (first.Text("status"), first.GetProperty("output").GetArrayLength()));
        var call = first.Item(0);
        Assert.Equal(("function_call", "c1", "weather", "{}", "completed"), (call.Text("type"), call.Text("call_id"), call.Text("name"), call.Text("arguments"), call.Text("status")));
        Assert.StartsWith("fc_", call.Id(), StringComparison.Ordinal);
        Assert.Equal(("sunny", first.Id()), (second.OutputText(), second.Text("previous_response_id")));
        Assert.Equal(["user: weather?", "assistant: <weather><weather>", "tool: [sun]", "tool: [[{\"type\":\"input_text\",\"text\":\"rain\"}]]"], model.Sent(1));
    }

    [Fact]
    public async Task Branches_from_one_response_are_independent_also_side_by_side()
    {
        var model = new ScriptedModel(call => ScriptedModel.Say(string.Join('|', call.Messages.Select(m => m.Text))));
        await using var host = await ApiHost.StartAsync(model);
        var root = await host.RespondAsync("""{"model":"assistant","input":"root"}""");

        var branches = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            host.RespondAsync($$"""{"model":"assistant","previous_response_id":"{{root.Id()}}","input":"b{{i}}"}""")));
        var next = await Task.WhenAll(branches.Select((b, i) =>
            host.RespondAsync($$"""{"model":"assistant","previous_response_id":"{{b.Id()}}","input":"n{{i}}"}""")));

        for (var i = 0; i < 8; i++)
        {
            Assert.Equal($"root|root|b{i}", branches[i].OutputText());
            Assert.Equal($"root|root|b{i}|root|root|b{i}|n{i}", next[i].OutputText());
        }
    }

    [Fact]
    public async Task A_branch_may_answer_calls_and_instructions_are_not_inherited()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("c1", "weather")), _ => ScriptedModel.Say("ok"));
        await using var host = await ApiHost.StartAsync(model);
        var first = await host.RespondAsync($$"""{"model":"assistant","input":"weather?","instructions":"Only now.","tools":[{{Weather}}]}""");
        var answer = $$"""{"model":"assistant","previous_response_id":"{{first.Id()}}","input":[{"type":"function_call_output","call_id":"c1","output":"sun"}]}""";

        await host.RespondAsync(answer);
        await host.RespondAsync(answer);
        await host.RefusedAsync("POST", "/v1/responses", $$"""{"model":"assistant","previous_response_id":"{{first.Id()}}","input":"never mind"}""", 400, "tool_result_missing", "input");
        await host.RefusedAsync("POST", "/v1/responses", answer.Replace("\"c1\"", "\"c9\"", StringComparison.Ordinal), 400, "invalid_value", "input[0].content");

        Assert.Equal(model.Sent(1), model.Sent(2));
        Assert.Equal(["Only now.", null, null], model.Calls.Select(c => c.Options!.Instructions));
        var sessions = (await host.CallAsync("GET", "/v1/sessions")).GetProperty("data");
        Assert.Equal(2, sessions.GetArrayLength());
    }

    [Fact]
    public async Task A_response_that_is_not_stored_leaves_nothing_but_sees_what_was_before()
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        var first = await host.RespondAsync("""{"model":"assistant","input":"one"}""");

        var second = await host.RespondAsync($$"""{"model":"assistant","previous_response_id":"{{first.Id()}}","input":"two","store":false}""");

        Assert.False(second.GetProperty("store").GetBoolean());
        Assert.Equal(["user: one", "assistant: ok", "user: two"], model.Sent(1));
        await host.RefusedAsync("GET", $"/v1/responses/{second.Id()}", null, 404, "response_not_found", null);
        await host.RefusedAsync("POST", "/v1/responses", $$"""{"model":"assistant","previous_response_id":"{{second.Id()}}","input":"x"}""", 400, "previous_response_not_found", "previous_response_id");
        Assert.Equal(1, (await host.CallAsync("GET", "/v1/sessions")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task An_item_of_a_response_may_be_named_in_an_input()
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        var first = await host.RespondAsync("""{"model":"assistant","input":"one"}""");

        await host.RespondAsync($$"""{"model":"assistant","input":[{"role":"user","content":"one"},{"type":"item_reference","id":"{{first.Item(0).Id()}}"},{"role":"user","content":"two"}]}""");
        await host.RefusedAsync("POST", "/v1/responses", """{"model":"assistant","input":[{"type":"item_reference","id":"msg_nowhere"}]}""", 400, "item_not_found", "input[0].id");

        Assert.Equal(["user: one", "assistant: ok", "user: two"], model.Sent(1));
    }

    [Fact]
    public async Task Input_items_are_listed_in_both_orders_by_pages()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("ok"));
        var response = await host.RespondAsync("""{"model":"assistant","input":[{"role":"user","content":"a"},{"role":"system","content":"b"},{"role":"user","content":[{"type":"input_text","text":"c"}]}]}""");
        var path = $"/v1/responses/{response.Id()}/input_items";

        var all = await host.CallAsync("GET", path);
        var first = await host.CallAsync("GET", $"{path}?limit=2&order=asc");
        var second = await host.CallAsync("GET", $"{path}?limit=2&order=asc&after={first.Text("last_id")}");

        Assert.Equal(["user: c", "system: b", "user: a"], all.Described());
        Assert.Equal(["user: a", "system: b"], first.Described());
        Assert.Equal(["user: c"], second.Described());
        Assert.Equal((true, false), (first.GetProperty("has_more").GetBoolean(), second.GetProperty("has_more").GetBoolean()));
        await host.RefusedAsync("GET", $"{path}?after=msg_x", null, 400, "invalid_value", "after");
        await host.RefusedAsync("GET", $"{path}?limit=101", null, 400, "invalid_value", "limit");
    }

    [Fact]
    public async Task A_deleted_response_is_gone_and_what_follows_it_stays()
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        var first = await host.RespondAsync("""{"model":"assistant","input":"one"}""");
        var second = await host.RespondAsync($$"""{"model":"assistant","previous_response_id":"{{first.Id()}}","input":"two"}""");

        var deleted = await host.CallAsync("DELETE", $"/v1/responses/{first.Id()}");
        await host.RespondAsync($$"""{"model":"assistant","previous_response_id":"{{second.Id()}}","input":"three"}""");

        Assert.Equal($$"""{"id":"{{first.Id()}}","object":"response.deleted","deleted":true}""", deleted.GetRawText());
        await host.RefusedAsync("DELETE", $"/v1/responses/{first.Id()}", null, 404, "response_not_found", null);
        await host.RefusedAsync("POST", "/v1/responses", $$"""{"model":"assistant","previous_response_id":"{{first.Id()}}","input":"x"}""", 400, "previous_response_not_found", "previous_response_id");
        Assert.Equal(5, model.Sent(2).Count());
    }

    [Fact]
    public async Task A_response_in_the_background_is_polled_and_cancelled()
    {
        var hanging = new Hanging();
        var model = new ScriptedModel(_ => ScriptedModel.Say("ok"), call => HangAsync(hanging, call.Cancellation));
        await using var host = await ApiHost.StartAsync(model);
        var done = await host.RespondAsync("""{"model":"assistant","input":"one"}""");
        var response = await host.RespondAsync("""{"model":"assistant","input":"two","background":true}""");
        await hanging.Entered;

        var running = await host.CallAsync("GET", $"/v1/responses/{response.Id()}");
        await host.RefusedAsync("POST", "/v1/responses", $$"""{"model":"assistant","previous_response_id":"{{response.Id()}}","input":"x"}""", 400, "previous_response_in_progress", "previous_response_id");
        var cancelled = await host.CallAsync("POST", $"/v1/responses/{response.Id()}/cancel");

        Assert.Contains(response.Text("status"), new[] { "queued", "in_progress" });
        Assert.Equal(("in_progress", JsonValueKind.Null), (running.Text("status"), running.GetProperty("usage").ValueKind));
        Assert.Equal(("cancelled", "incomplete"), (cancelled.Text("status"), cancelled.Item(0).Text("status")));
        Assert.Equal(cancelled.GetRawText(), (await host.CallAsync("POST", $"/v1/responses/{response.Id()}/cancel")).GetRawText());
        await host.RefusedAsync("POST", $"/v1/responses/{done.Id()}/cancel", null, 400, "response_not_in_background", null);
    }

    [Fact]
    public async Task Input_tokens_are_counted_by_the_encoding()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("hello world"));

        var text = await host.CallAsync("POST", "/v1/responses/input_tokens", """{"model":"gpt-4o","input":"hello world"}""");
        var more = await host.CallAsync("POST", "/v1/responses/input_tokens", """{"input":"hello world","instructions":"hello world"}""");
        var first = await host.RespondAsync("""{"model":"assistant","input":"hello world"}""");
        var after = await host.CallAsync("POST", "/v1/responses/input_tokens", $$"""{"input":"hello world","previous_response_id":"{{first.Id()}}"}""");

        Assert.Equal((2, "response.input_tokens"), (text.GetProperty("input_tokens").GetInt32(), text.Text("object")));
        Assert.Equal((4, 6), (more.GetProperty("input_tokens").GetInt32(), after.GetProperty("input_tokens").GetInt32()));
        await host.RefusedAsync("POST", "/v1/responses/compact", "{}", 400, "invalid_value", "input");
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> HangAsync(
        Hanging hanging, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(ChatRole.Assistant, "part");
        await hanging.ForeverAsync().WaitAsync(cancellationToken);
    }
}
