using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.ModelClients.Echo;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

/// <summary>
/// Objects and events have the members that OpenAI's published description requires, with values of its kinds. The table is an extract of
/// the description in the words of this test; where its own examples have null, so may the host.
/// </summary>
public sealed class DescriptionTests
{
    private static readonly Dictionary<string, string> Required = new()
    {
        ["response"] = "id:s object:s created_at:n status:s error:o? incomplete_details:o? instructions:s? model:s output:a parallel_tool_calls:b metadata:o temperature:n? top_p:n? tool_choice:s|o tools:a text:o reasoning:o? truncation:s usage:o? user:s? top_logprobs:n store:b background:b previous_response_id:s? max_output_tokens:n? service_tier:s completed_at:n? conversation:o?",
        ["usage"] = "input_tokens:n input_tokens_details:o output_tokens:n output_tokens_details:o total_tokens:n",
        ["input_tokens_details"] = "cached_tokens:n cache_write_tokens:n",
        ["output_tokens_details"] = "reasoning_tokens:n",
        ["message"] = "type:s id:s role:s status:s content:a",
        ["function_call"] = "type:s id:s call_id:s name:s arguments:s status:s",
        ["function_call_output"] = "type:s id:s call_id:s output:s|a status:s",
        ["custom_tool_call"] = "type:s id:s call_id:s name:s input:s",
        ["reasoning"] = "type:s id:s summary:a",
        ["output_text"] = "type:s text:s annotations:a logprobs:a",
        ["input_text"] = "type:s text:s",
        ["input_image"] = "type:s detail:s image_url:s? file_id:s?",
        ["input_file"] = "type:s",
        ["refusal"] = "type:s refusal:s",
        ["summary_text"] = "type:s text:s",
        ["response.created"] = "response:o",
        ["response.in_progress"] = "response:o",
        ["response.completed"] = "response:o",
        ["response.output_item.added"] = "output_index:n item:o",
        ["response.output_item.done"] = "output_index:n item:o",
        ["response.content_part.added"] = "item_id:s output_index:n content_index:n part:o",
        ["response.content_part.done"] = "item_id:s output_index:n content_index:n part:o",
        ["response.output_text.delta"] = "item_id:s output_index:n content_index:n delta:s logprobs:a",
        ["response.output_text.done"] = "item_id:s output_index:n content_index:n text:s logprobs:a",
        ["response.refusal.delta"] = "item_id:s output_index:n content_index:n delta:s",
        ["response.refusal.done"] = "item_id:s output_index:n content_index:n refusal:s",
        ["response.function_call_arguments.delta"] = "item_id:s output_index:n delta:s",
        ["response.function_call_arguments.done"] = "item_id:s output_index:n name:s arguments:s",
        ["response.custom_tool_call_input.delta"] = "item_id:s output_index:n delta:s",
        ["response.custom_tool_call_input.done"] = "item_id:s output_index:n input:s",
        ["response.reasoning_summary_part.added"] = "item_id:s output_index:n summary_index:n part:o",
        ["response.reasoning_summary_part.done"] = "item_id:s output_index:n summary_index:n part:o",
        ["response.reasoning_summary_text.delta"] = "item_id:s output_index:n summary_index:n delta:s",
        ["response.reasoning_summary_text.done"] = "item_id:s output_index:n summary_index:n text:s",
        ["chat.completion"] = "id:s object:s created:n model:s choices:a",
        ["chat.completion.chunk"] = "id:s object:s created:n model:s choices:a",
        ["choice"] = "index:n finish_reason:s message:o logprobs:o?",
        ["chunk choice"] = "index:n finish_reason:s? delta:o",
        ["chat usage"] = "prompt_tokens:n completion_tokens:n total_tokens:n",
        ["chat message"] = "role:s content:s? refusal:s?",
        ["conversation"] = "id:s object:s created_at:n metadata:o",
        ["list of items"] = "object:s data:a has_more:b first_id:s last_id:s",
        ["list"] = "object:s data:a",
        ["model"] = "id:s object:s created:n owned_by:s",
        ["deleted"] = "id:s object:s deleted:b",
        ["error"] = "message:s type:s param:s? code:s?",
        ["response.input_tokens"] = "object:s input_tokens:n",
        ["response.compaction"] = "id:s object:s created_at:n output:a usage:o",
        ["compaction"] = "type:s id:s encrypted_content:s",
    };

    private const string Tools = """ "tools":[{"type":"function","name":"f","parameters":{"type":"object"}},{"type":"custom","name":"c"}] """;

    [Fact]
    public async Task Responses_and_their_events_are_as_described()
    {
        await using var host = await StartAsync();
        foreach (var input in (string[])["hi", "call f {\"a\":1}", "call c {\"input\":\"x\"}"])
        {
            var body = $$""" "input":{{JsonSerializer.Serialize(input)}}, {{Tools}} """;
            Check("response", await host.RespondAsync($"{{{body}}}"));
            var events = await host.StreamAsync("POST", "/v1/responses", $$"""{ {{body}}, "stream":true, "metadata":{"a":"b"}, "temperature":0.5 }""");
            foreach (var happened in events) CheckEvent(happened);
        }

        var background = await host.RespondAsync("""{"input":"hi","background":true}""");
        Check("response", background);
        Check("list of items", await host.CallAsync("GET", $"/v1/responses/{(await host.RespondAsync("""{"input":"hi"}""")).Id()}/input_items"));
        Check("deleted", await host.CallAsync("DELETE", $"/v1/responses/{(await host.RespondAsync("""{"input":"hi"}""")).Id()}"));
        Check("response.input_tokens", await host.CallAsync("POST", "/v1/responses/input_tokens", """{"input":"hi"}"""));
        Check("response.compaction", await host.CallAsync("POST", "/v1/responses/compact", """{"input":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}"""));
        Check("error", (await host.CallAsync("POST", "/v1/responses/compact", """{"model":"assistant"}""", 400)).GetProperty("error"));
    }

    [Fact]
    public async Task Chat_completions_and_their_chunks_are_as_described()
    {
        await using var host = await StartAsync();
        foreach (var input in (string[])["hi", "call f {}"])
        {
            var body = $$$$""" "messages":[{"role":"user","content":"{{{{input}}}}"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}] """;
            CheckCompletion(await host.CallAsync("POST", "/v1/chat/completions", $"{{{body}}}"));
            var text = await (await host.PostAsync("/v1/chat/completions", $$"""{ {{body}}, "stream":true,"stream_options":{"include_usage":true} }""")).Content.ReadAsStringAsync();
            foreach (var data in text.Split("\n\n").Where(e => e.StartsWith("data: {", StringComparison.Ordinal))) CheckChunk(JsonElement.Parse(data[6..]));
        }
    }

    [Fact]
    public async Task Conversations_and_models_are_as_described()
    {
        await using var host = await StartAsync();
        var conversation = await host.CallAsync("POST", "/v1/conversations", """{"metadata":{"a":"b"},"items":[{"role":"user","content":[{"type":"input_text","text":"x"},{"type":"input_image","image_url":"https://x.example/a.png"}]},{"role":"assistant","content":"y"}]}""");
        Check("conversation", conversation);
        await host.RespondAsync($$"""{"input":"call f {}","conversation":"{{conversation.Id()}}", {{Tools}} }""");
        var items = await host.CallAsync("GET", $"/v1/conversations/{conversation.Id()}/items");
        Check("list of items", items);
        CheckTyped(await host.CallAsync("GET", $"/v1/conversations/{conversation.Id()}/items/{items.GetProperty("data")[0].Id()}"));
        Check("deleted", await host.CallAsync("DELETE", $"/v1/conversations/{conversation.Id()}"));

        var models = await host.CallAsync("GET", "/v1/models");
        Check("list", models);
        foreach (var model in models.GetProperty("data").EnumerateArray()) Check("model", model);
        Check("error", (await host.CallAsync("GET", "/v1/models/none", status: 404)).GetProperty("error"));
    }

    [Fact]
    public async Task Usage_has_the_tokens_that_were_written_to_a_cache()
    {
        var usage = new UsageDetails { InputTokenCount = 5, OutputTokenCount = 1, CachedInputTokenCount = 2, AdditionalCounts = new() { ["cache_write_tokens"] = 3 } };
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => Say(), _ => Say()));

        var response = await host.RespondAsync("""{"input":"hi"}""");
        var chat = await host.CallAsync("POST", "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal("""{"cached_tokens":2,"cache_write_tokens":3}""", response.GetProperty("usage").GetProperty("input_tokens_details").GetRawText());
        Assert.Equal("""{"cached_tokens":2,"cache_write_tokens":3}""", chat.GetProperty("usage").GetProperty("prompt_tokens_details").GetRawText());

        IAsyncEnumerable<ChatResponseUpdate> Say() => new[] { new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("x"), new UsageContent(usage)]) }.ToAsyncEnumerable();
    }

    private static Task<ApiHost> StartAsync() => ApiHost.StartAsync(new EchoChatClient(new EchoOptions(), TimeProvider.System));

    private static void CheckEvent(JsonElement happened)
    {
        Check(happened.Text("type")!, happened);
        if (happened.TryGetProperty("response", out var response)) Check("response", response);
        if (happened.TryGetProperty("item", out var item)) CheckTyped(item);
        if (happened.TryGetProperty("part", out var part)) CheckTyped(part);
    }

    private static void CheckCompletion(JsonElement answer)
    {
        Check("chat.completion", answer);
        Check("chat usage", answer.GetProperty("usage"));
        foreach (var choice in answer.GetProperty("choices").EnumerateArray())
        {
            Check("choice", choice);
            Check("chat message", choice.GetProperty("message"));
        }
    }

    private static void CheckChunk(JsonElement chunk)
    {
        Check("chat.completion.chunk", chunk);
        if (chunk.TryGetProperty("usage", out var usage)) Check("chat usage", usage);
        foreach (var choice in chunk.GetProperty("choices").EnumerateArray()) Check("chunk choice", choice);
    }

    private static void CheckTyped(JsonElement typed) => Check(typed.Text("type")!, typed);

    /// <summary>Checks an object, and the objects in it that have a row.</summary>
    private static void Check(string name, JsonElement json)
    {
        foreach (var member in Required[name].Split(' '))
        {
            var (key, kinds) = (member.Split(':')[0], member.Split(':')[1]);
            Assert.True(json.TryGetProperty(key, out var value), $"{name} has no {key}: {json}");
            Assert.True(kinds.Contains(KindOf(value)), $"{name}.{key} is {value.ValueKind}, not {kinds}: {json}");
            if (value.ValueKind == JsonValueKind.Object && key is ("usage" or "input_tokens_details" or "output_tokens_details")) Check(key, value);
        }

        if (name is "response" or "response.compaction") foreach (var item in json.GetProperty("output").EnumerateArray()) CheckTyped(item);
        if (name == "list of items") foreach (var item in json.GetProperty("data").EnumerateArray()) CheckTyped(item);
        if (name == "message") foreach (var part in json.GetProperty("content").EnumerateArray()) CheckTyped(part);
    }

    private static char KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => 's',
        JsonValueKind.Number => 'n',
        JsonValueKind.True or JsonValueKind.False => 'b',
        JsonValueKind.Array => 'a',
        JsonValueKind.Object => 'o',
        _ => '?',
    };
}
