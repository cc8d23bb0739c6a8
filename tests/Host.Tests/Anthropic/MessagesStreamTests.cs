using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Anthropic;

public sealed class MessagesStreamTests
{
    private const string Ask = """ "model":"assistant","max_tokens":10,"stream":true,"messages":[{"role":"user","content":"hi"}] """;

    [Fact]
    public async Task Blocks_are_opened_filled_and_closed_one_after_the_other()
    {
        var model = new ScriptedModel(_ => new ChatResponseUpdate[]
        {
            new(ChatRole.Assistant, [new TextReasoningContent("Hm.")]),
            new(ChatRole.Assistant, [new TextReasoningContent("") { ProtectedData = "c2ln" }]),
            new(ChatRole.Assistant, "Hel"),
            new(ChatRole.Assistant, "lo"),
            new(ChatRole.Assistant, [new FunctionCallContent("toolu_1", "weather", new Dictionary<string, object?> { ["city"] = "Rome" })]),
            new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 3, OutputTokenCount = 2 })]),
        }.ToAsyncEnumerable());
        await using var host = await ApiHost.StartAsync(model);

        var events = await StreamAsync(host, "{" + Ask + ""","thinking":{"type":"adaptive"},"tools":[{"name":"weather","input_schema":{"type":"object"}}]}""");

        Assert.All(events, e => Assert.Equal(e.Name, e.Data.Text("type")));
        Assert.Equal(
            [
                "message_start", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop",
                "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop",
                "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
            ],
            events.Select(e => e.Name));
        Assert.Equal("""{"type":"thinking","thinking":"","signature":""}""", events[1].Data.GetProperty("content_block").GetRawText());
        Assert.Equal("""{"type":"signature_delta","signature":"c2ln"}""", events[3].Data.GetProperty("delta").GetRawText());
        Assert.Equal("""{"type":"text_delta","text":"Hel"}""", events[6].Data.GetProperty("delta").GetRawText());
        Assert.Equal("""{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}""", events[9].Data.GetProperty("content_block").GetRawText());
        Assert.Equal("""{"city":"Rome"}""", events[10].Data.GetProperty("delta").Text("partial_json"));
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2], events.Where(e => e.Name.StartsWith("content", StringComparison.Ordinal)).Select(e => e.Data.GetProperty("index").GetInt32()));
        Assert.Equal("tool_use", events[12].Data.GetProperty("delta").Text("stop_reason"));
        Assert.Equal(2, events[12].Data.GetProperty("usage").GetProperty("output_tokens").GetInt32());
    }

    [Fact]
    public async Task A_failure_before_the_first_event_has_its_own_status_and_a_later_one_is_an_event()
    {
        var model = new ScriptedModel(
            _ => throw new InvalidOperationException("down"),
            _ => FailAfter(new ChatResponseUpdate(ChatRole.Assistant, "half")));
        await using var host = await ApiHost.StartAsync(model);

        using var failed = await host.PostAsync("/v1/messages", $"{{{Ask}}}");
        var events = await StreamAsync(host, $"{{{Ask}}}");

        Assert.Equal(502, (int)failed.StatusCode);
        Assert.Equal("error", (await failed.JsonAsync()).Text("type"));
        Assert.Equal("error", events[^1].Name);
        Assert.Equal("api_error", events[^1].Data.GetProperty("error").Text("type"));
        Assert.DoesNotContain(events, e => e.Name == "message_stop");
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> FailAfter(ChatResponseUpdate update)
    {
        yield return update;
        await Task.Yield();
        throw new InvalidOperationException("broken");
    }

    private static async Task<IReadOnlyList<(string Name, JsonElement Data)>> StreamAsync(ApiHost host, string body)
    {
        using var answer = await host.PostAsync("/v1/messages", body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return
        [
            .. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('\n'))
                .Select(lines => (lines[0]["event: ".Length..], JsonElement.Parse(lines[1]["data: ".Length..]))),
        ];
    }
}
