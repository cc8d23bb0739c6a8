using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

/// <summary>Responses over WebSocket, as OpenAI's clients use them.</summary>
public sealed partial class SocketTests
{
    private const string Tool = """{"type":"function","name":"weather","parameters":{"type":"object"},"strict":true}""";

    [Fact]
    public async Task A_response_has_the_events_of_a_streamed_one()
    {
        var call = new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["city"] = "Ulm" });
        var model = new ScriptedModel(_ => new ChatResponseUpdate[]
        {
            new(ChatRole.Assistant, [new TextReasoningContent("hmm")]) { MessageId = "m" },
            new(ChatRole.Assistant, "let ") { MessageId = "m" },
            new(ChatRole.Assistant, "me see") { MessageId = "m" },
            new(ChatRole.Assistant, [call]) { MessageId = "m" },
            new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 3, OutputTokenCount = 4, TotalTokenCount = 7 })]),
        }.ToAsyncEnumerable());
        await using var host = await ApiHost.StartAsync(model);
        using var client = await SocketClient.OpenAsync(host.Address);
        var members = $$"""{"model":"assistant","input":"hi","tools":[{{Tool}}]""";

        var streamed = await host.StreamAsync("POST", "/v1/responses", members + ""","stream":true}""");
        await client.SendAsync(members + ""","type":"response.create"}""");
        var events = await client.ReadAsync();

        Assert.Equal(streamed.Select(WithoutIds), events.Select(WithoutIds));
        var response = events[^1].GetProperty("response");
        Assert.Equal(response.GetRawText(), (await host.CallAsync("GET", $"/v1/responses/{response.Id()}")).GetRawText());
    }

    [Fact]
    public async Task An_unstored_response_can_be_followed_on_its_connection_and_leaves_nothing()
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        using var client = await SocketClient.OpenAsync(host.Address);

        var one = await client.RespondAsync("""{"store":false,"input":"one"}""");
        var two = await client.RespondAsync($$"""{"store":false,"input":"two","previous_response_id":"{{one.Id()}}"}""");
        Assert.Equal(["user: one", "assistant: ok", "user: two"], model.Sent(1));
        Assert.Equal(("False", one.Id()), (two.GetProperty("store").ToString(), two.Text("previous_response_id")));

        await client.CreateAsync($$"""{"store":false,"input":"three","previous_response_id":"{{one.Id()}}"}""");
        await client.RefusedAsync(400, "previous_response_not_found", "previous_response_id");
        using var other = await SocketClient.OpenAsync(host.Address);
        await other.CreateAsync($$"""{"store":false,"input":"three","previous_response_id":"{{two.Id()}}"}""");
        await other.RefusedAsync(400, "previous_response_not_found", "previous_response_id");
        await host.CallAsync("GET", $"/v1/responses/{two.Id()}", null, 404);

        var stored = await client.RespondAsync($$"""{"input":"three","previous_response_id":"{{two.Id()}}"}""");
        Assert.Equal(["user: one", "assistant: ok", "user: two", "assistant: ok", "user: three"], model.Sent(2));
        var after = await host.RespondAsync($$"""{"model":"assistant","input":"four","previous_response_id":"{{stored.Id()}}"}""");
        Assert.Equal(7, model.Calls[3].Messages.Count);
        Assert.Equal("completed", after.Text("status"));
    }

    [Fact]
    public async Task A_tool_loop_continues_on_the_connection_with_the_results_alone()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("c1", "weather"), ("c2", "weather")), _ => ScriptedModel.Say("sunny"));
        await using var host = await ApiHost.StartAsync(model);
        using var client = await SocketClient.OpenAsync(host.Address);

        var calls = await client.RespondAsync($$"""{"store":false,"input":"hi","tools":[{{Tool}}]}""");
        var end = await client.RespondAsync($$"""{"store":false,"previous_response_id":"{{calls.Id()}}","tools":[{{Tool}}],"input":[{"type":"function_call_output","call_id":"c1","output":"a"},{"type":"function_call_output","call_id":"c2","output":"b"}]}""");

        Assert.Equal("sunny", end.OutputText());
        Assert.Equal("hi", model.Calls[1].Messages[0].Text);
        Assert.Equal(["c1", "c2"], model.Calls[1].Messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => r.CallId));
    }

    [Fact]
    public async Task A_result_that_is_missing_is_refused_and_the_response_is_forgotten()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("c1", "weather"), ("c2", "weather")), _ => ScriptedModel.Say("sunny"));
        await using var host = await ApiHost.StartAsync(model);
        using var client = await SocketClient.OpenAsync(host.Address);

        var calls = await client.RespondAsync($$"""{"store":false,"input":"hi","tools":[{{Tool}}]}""");
        await client.CreateAsync($$"""{"store":false,"previous_response_id":"{{calls.Id()}}","tools":[{{Tool}}],"input":[{"type":"function_call_output","call_id":"c1","output":"a"}]}""");
        await client.RefusedAsync(400, "tool_result_missing", "input");
        await client.CreateAsync($$"""{"store":false,"previous_response_id":"{{calls.Id()}}","tools":[{{Tool}}],"input":[]}""");
        await client.RefusedAsync(400, "previous_response_not_found", "previous_response_id");

        calls = await client.RespondAsync($$"""{"store":false,"input":"hi","tools":[{{Tool}}],"previous_response_id":null}""");
        Assert.Equal("sunny", calls.OutputText());
    }

    [Fact]
    public async Task A_request_without_generation_is_kept_for_the_next_one_to_follow()
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        using var client = await SocketClient.OpenAsync(host.Address);

        var prepared = await client.RespondAsync($$"""{"generate":false,"input":[{"role":"user","content":"read this"}],"tools":[{{Tool}}]}""");
        Assert.Equal((0, 0), (model.Calls.Count, prepared.GetProperty("output").GetArrayLength()));
        await client.RespondAsync($$"""{"previous_response_id":"{{prepared.Id()}}","store":false,"input":"and answer"}""");

        Assert.Equal(["user: read this", "user: and answer"], model.Sent(0));
        await client.CreateAsync("""{"generate":"no","input":"hi"}""");
        await client.RefusedAsync(400, "invalid_type", "generate");
        await client.SendAsync("""{"type":"response.create","model":"missing","input":"hi","generate":false}""");
        await client.RefusedAsync(404, "model_not_found", "model");
    }

    [Fact]
    public async Task A_forged_compaction_item_is_refused_without_generation_too()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("ok"));
        using var client = await SocketClient.OpenAsync(host.Address);

        await client.CreateAsync("""{"generate":false,"input":[{"role":"user","content":"hi"},{"type":"compaction","encrypted_content":"pluginhost.c1.AAAA"}]}""");
        await client.RefusedAsync(400, "invalid_value", "input[1].encrypted_content");
    }

    [Fact]
    public async Task Requests_are_answered_in_order_and_those_of_named_streams_at_the_same_time()
    {
        var release = new TaskCompletionSource();
        var model = new ScriptedModel(call => HoldAsync(call.Messages[^1].Text, release.Task));
        await using var host = await ApiHost.StartAsync(model);
        using var client = await SocketClient.OpenAsync(host.Address);

        await client.CreateAsync("""{"input":"hold"}""");
        await client.CreateAsync("""{"input":"next"}""");
        await client.SendAsync("{");
        await client.CreateAsync("""{"input":"beside","stream_id":"b\"1"}""");

        var events = new List<JsonElement>();
        while (!events.Any(e => e.Text("type") == "response.completed")) events.Add(await client.NextAsync());
        var beside = events.Where(e => e.TryGetProperty("stream_id", out var id) && id.GetString() == "b\"1").ToList();
        Assert.Equal(("response.created", "beside"), (beside[0].Text("type"), beside[^1].GetProperty("response").OutputText()));
        Assert.DoesNotContain(events.Except(beside), e => e.Text("type") is "error" or "response.completed");
        release.SetResult();
        while (events.Count(e => e.Text("type") is "response.completed" or "error") < 4) events.Add(await client.NextAsync());
        Assert.Equal(["hold", "next"], events.Except(beside).Where(e => e.Text("type") == "response.completed").Select(e => e.GetProperty("response").OutputText()));
        Assert.Equal("error", events[^1].Text("type"));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task What_was_compacted_on_a_connection_can_be_followed(string store)
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        using var client = await SocketClient.OpenAsync(host.Address);

        var compacted = await client.RespondAsync("""{"store":false,"input":[{"role":"user","content":"one"},{"role":"assistant","content":"two"},{"type":"compaction_trigger"}]}""");
        var next = await client.RespondAsync($$"""{"store":{{store}},"input":"three","previous_response_id":"{{compacted.Id()}}"}""");

        Assert.Equal("compaction", compacted.GetProperty("output")[0].Text("type"));
        Assert.Equal("ok", next.OutputText());
        var sent = model.Calls[1].Messages;
        Assert.Equal((3, "one", "three"), (sent.Count, sent[0].Text, sent[^1].Text));
        Assert.EndsWith("ok", sent[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steering_is_refused_as_its_event_and_what_codex_reports_is_taken()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("ok"));
        using var client = await SocketClient.OpenAsync(host.Address);

        await client.SendAsync("""{"type":"response.processed","response_id":"resp_1"}""");
        await client.SendAsync("""{"type":"response.steer","previous_response_id":"resp_1","input":"faster"}""");
        var failed = await client.NextAsync();

        Assert.Equal("response.steer.failed", failed.Text("type"));
        Assert.Equal("steering_not_supported", failed.GetProperty("error").Text("code"));
        Assert.Equal(("resp_1", "faster"), (failed.GetProperty("steer").Text("previous_response_id"), failed.GetProperty("steer").Text("input")));
    }

    [Fact]
    public async Task A_model_that_fails_gives_an_error_before_its_first_word_and_a_failed_response_behind_it()
    {
        var model = new ScriptedModel(_ => ScriptedModel.Say("ok"), _ => ScriptedModel.Break(), _ => ScriptedModel.Break("part"), _ => ScriptedModel.Say("ok"));
        await using var host = await ApiHost.StartAsync(model);
        using var client = await SocketClient.OpenAsync(host.Address);
        var one = await client.RespondAsync("""{"store":false,"input":"one"}""");

        await client.CreateAsync($$"""{"store":false,"input":"two","previous_response_id":"{{one.Id()}}"}""");
        await client.RefusedAsync(502, "model_error");
        await client.CreateAsync("""{"store":false,"input":"three"}""");
        var failed = await client.ReadAsync();

        Assert.Equal("response.failed", failed[^1].Text("type"));
        await client.CreateAsync($$"""{"store":false,"input":"two","previous_response_id":"{{one.Id()}}"}""");
        await client.RefusedAsync(400, "previous_response_not_found", "previous_response_id");
        Assert.Equal("ok", (await client.RespondAsync("""{"input":"four"}""")).OutputText());
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> HoldAsync(string text, Task release)
    {
        if (text == "hold") await release;
        yield return new ChatResponseUpdate(ChatRole.Assistant, text) { MessageId = "m" };
    }

    private static string WithoutIds(JsonElement json) => Ids().Replace(json.GetRawText(), "");

    [GeneratedRegex("""(?<=_)[0-9a-f]{32}|"(created_at|completed_at)":\d+,?""")]
    private static partial Regex Ids();
}
