using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.OpenAI.Items;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

public sealed class ResponseStreamTests
{
    private const string Tool = """{"type":"function","name":"weather","parameters":{"type":"object"},"strict":true}""";

    private static readonly string[] Text =
        ["response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done", "response.content_part.done", "response.output_item.done"];

    private static readonly string[] Call =
        ["response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done"];

    [Fact]
    public async Task Text_and_calls_come_in_the_order_of_the_protocol_and_end_as_they_are_read_later()
    {
        var call = new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["city"] = "Ulm" });
        var model = new ScriptedModel(_ => Updates(
            new(ChatRole.Assistant, [new TextContent("let ")]) { MessageId = "m" },
            new(ChatRole.Assistant, [new TextContent("me see")]) { MessageId = "m" },
            new(ChatRole.Assistant, [call]) { MessageId = "m" },
            new(ChatRole.Assistant, [new TextContent("wait")]) { MessageId = "m2" },
            new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 3, OutputTokenCount = 4, TotalTokenCount = 7, CachedInputTokenCount = 1 })])));
        await using var host = await ApiHost.StartAsync(model);

        var events = await host.StreamAsync("POST", "/v1/responses", $$"""{"model":"assistant","input":"hi","stream":true,"tools":[{{Tool}}]}""");

        Assert.Equal(
            ["response.created", "response.in_progress", .. Text[..3], "response.output_text.delta", .. Text[3..], .. Call, .. Text, "response.completed"],
            events.Types());
        Assert.Equal(("in_progress", 0), (events[0].GetProperty("response").Text("status"), events[0].GetProperty("response").GetProperty("output").GetArrayLength()));
        Assert.Equal("[]", events[2].GetProperty("item").GetProperty("content").GetRawText());
        Assert.Equal(("let ", "me see", "let me see"), (events[4].Text("delta"), events[5].Text("delta"), events[6].Text("text")));
        Assert.Equal("""{"city":"Ulm"}""", events[10].Text("delta"));
        Assert.Equal(("", "in_progress"), (events[9].GetProperty("item").Text("arguments"), events[9].GetProperty("item").Text("status")));
        var response = events[^1].GetProperty("response");
        var done = events.Where(e => e.Text("type") == "response.output_item.done").Select(e => e.GetProperty("item").GetRawText());
        Assert.Equal(done, response.GetProperty("output").EnumerateArray().Select(i => i.GetRawText()));
        Assert.All(events.Where(e => e.TryGetProperty("item_id", out _)), e => Assert.Equal(response.Item(e.GetProperty("output_index").GetInt32()).Id(), e.Text("item_id")));
        Assert.Equal((3, 1, 7), (response.GetProperty("usage").GetProperty("input_tokens").GetInt32(), response.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32(), response.GetProperty("usage").GetProperty("total_tokens").GetInt32()));
        Assert.Equal(response.GetRawText(), (await host.CallAsync("GET", $"/v1/responses/{response.Id()}")).GetRawText());
    }

    [Fact]
    public async Task A_refusal_is_a_separate_part_and_reasoning_an_item()
    {
        var model = new ScriptedModel(_ => Updates(
            new(ChatRole.Assistant, [new TextReasoningContent("hmm")]) { MessageId = "m" },
            new(ChatRole.Assistant, [RefusalContent.Create("no ")]) { MessageId = "m" },
            new(ChatRole.Assistant, [RefusalContent.Create("way")]) { MessageId = "m" }));
        await using var host = await ApiHost.StartAsync(model);

        var events = await host.StreamAsync("POST", "/v1/responses", """{"model":"assistant","input":"hi","stream":true}""");

        string[] reasoning =
        [
            "response.output_item.added", "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done", "response.reasoning_summary_part.done", "response.output_item.done",
        ];
        string[] refusal = ["response.refusal.delta", "response.refusal.delta", "response.refusal.done"];
        Assert.Equal(["response.created", "response.in_progress", .. reasoning, Text[0], Text[1], .. refusal, .. Text[4..], "response.completed"], events.Types());
        var output = events[^1].GetProperty("response").GetProperty("output");
        Assert.Equal("""[{"type":"refusal","refusal":"no way"}]""", output[1].GetProperty("content").GetRawText());
        Assert.Equal("""[{"type":"summary_text","text":"hmm"}]""", output[0].GetProperty("summary").GetRawText());
        Assert.Equal(events[^1].GetProperty("response").GetRawText(), (await host.CallAsync("GET", $"/v1/responses/{events[^1].GetProperty("response").Id()}")).GetRawText());
    }

    [Fact]
    public async Task A_cut_off_answer_is_incomplete_and_a_broken_one_failed()
    {
        var model = new ScriptedModel(
            _ => Updates(new ChatResponseUpdate(ChatRole.Assistant, "cut") { FinishReason = ChatFinishReason.Length }), _ => ScriptedModel.Break("part"));
        await using var host = await ApiHost.StartAsync(model);

        var incomplete = (await host.StreamAsync("POST", "/v1/responses", """{"model":"assistant","input":"hi","stream":true}"""))[^1];
        var failed = (await host.StreamAsync("POST", "/v1/responses", """{"model":"assistant","input":"hi","stream":true}"""))[^1];
        var error = await host.CallAsync("POST", "/v1/responses", """{"model":"assistant","input":"hi"}""", 502);

        var response = incomplete.GetProperty("response");
        Assert.Equal(("response.incomplete", "incomplete", "max_output_tokens"), (incomplete.Text("type"), response.Text("status"), response.GetProperty("incomplete_details").Text("reason")));
        Assert.Equal("incomplete", response.Item(0).Text("status"));
        Assert.Equal(response.GetRawText(), (await host.CallAsync("GET", $"/v1/responses/{response.Id()}")).GetRawText());
        var broken = failed.GetProperty("response");
        Assert.Equal(("response.failed", "failed", "server_error"), (failed.Text("type"), broken.Text("status"), broken.GetProperty("error").Text("code")));
        Assert.Equal(broken.GetRawText(), (await host.CallAsync("GET", $"/v1/responses/{broken.Id()}")).GetRawText());
        Assert.Equal("model_error", error.GetProperty("error").Text("code"));
    }

    [Fact]
    public async Task A_stream_is_resumed_with_the_same_events()
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => ScriptedModel.Say("a", "b", "c")));
        var events = await host.StreamAsync("POST", "/v1/responses", """{"model":"assistant","input":"hi","stream":true}""");
        var id = events[0].GetProperty("response").Id();

        for (var seen = -1; seen < events.Count - 1; seen++)
        {
            var rest = await host.StreamAsync("GET", $"/v1/responses/{id}?stream=true{(seen < 0 ? "" : $"&starting_after={seen}")}", first: seen + 1);
            Assert.Equal(events.Skip(seen + 1).Select(e => e.GetRawText()), rest.Select(e => e.GetRawText()));
        }

        await host.RefusedAsync("GET", $"/v1/responses/{id}?stream=true&starting_after=x", null, 400, "invalid_value", "starting_after");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_caller_that_disconnects_finds_the_response_later(int after)
    {
        var hanging = new Hanging();
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => SayAroundAsync(hanging), _ => ScriptedModel.Say("next")));
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = new StringContent("""{"model":"assistant","input":"hi","stream":true}""", null, "application/json") };
        string? id = null;
        using (var answer = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            for (var seen = 0; seen < after;)
            {
                var line = await reader.ReadLineAsync();
                if (line?.StartsWith("data: ", StringComparison.Ordinal) != true) continue;
                seen++;
                id ??= JsonElement.Parse(line["data: ".Length..]).GetProperty("response").Id();
            }
        }

        hanging.LetGo();
        var rest = await host.StreamAsync("GET", $"/v1/responses/{id}?stream=true&starting_after={after - 1}", first: after);
        var next = await host.RespondAsync($$"""{"model":"assistant","previous_response_id":"{{id}}","input":"more"}""");

        Assert.Equal("response.completed", rest.Types().Last());
        Assert.Equal("next", next.OutputText());
    }


    private static IAsyncEnumerable<ChatResponseUpdate> Updates(params ChatResponseUpdate[] updates) => updates.ToAsyncEnumerable();

    private static async IAsyncEnumerable<ChatResponseUpdate> SayAroundAsync(Hanging hanging)
    {
        yield return new(ChatRole.Assistant, "before");
        await hanging.ForeverAsync();
        yield return new(ChatRole.Assistant, "after");
    }
}
