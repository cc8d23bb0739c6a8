using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Live;
using PluginHost.OpenAI.Chat;
using PluginHost.OpenAI.Tools;
using PluginHost.Sdk;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

public sealed class ChatStreamTests
{
    [Fact]
    public async Task A_stream_begins_with_the_role_and_ends_with_reason_usage_and_mark()
    {
        var model = new ScriptedModel(_ => new ChatResponseUpdate[]
        {
            new(ChatRole.Assistant, "Hel"),
            new(ChatRole.Assistant, "lo"),
            new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 3, OutputTokenCount = 2, TotalTokenCount = 5, CachedInputTokenCount = 1 })]),
        }.ToAsyncEnumerable());
        await using var host = await ApiHost.StartAsync(model);

        var lines = await StreamAsync(host, """{"messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}""");

        Assert.Equal("[DONE]", lines[^1]);
        var chunks = lines.SkipLast(1).Select(l => JsonElement.Parse(l)).ToList();
        Assert.Single(chunks.Select(c => (c.GetProperty("id").GetString(), c.GetProperty("model").GetString(), c.GetProperty("created").GetInt64())).Distinct());
        Assert.All(chunks, c => Assert.Equal("chat.completion.chunk", c.GetProperty("object").GetString()));
        Assert.Equal(
            [
                """[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null,"logprobs":null}]""",
                """[{"index":0,"delta":{"content":"Hel"},"finish_reason":null,"logprobs":null}]""",
                """[{"index":0,"delta":{"content":"lo"},"finish_reason":null,"logprobs":null}]""",
                """[{"index":0,"delta":{},"finish_reason":"stop","logprobs":null}]""",
                "[]",
            ],
            chunks.Select(c => c.GetProperty("choices").GetRawText()));
        Assert.Equal(
            """{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":1}}""",
            chunks[^1].GetProperty("usage").GetRawText());
    }

    [Fact]
    public void A_piece_of_text_costs_one_small_object()
    {
        var run = new RunRecord { Id = "r", Session = new SessionKey("t", "s"), Agent = "a", Status = RunStatus.Running, CreatedAt = DateTimeOffset.UnixEpoch };
        var request = new ChatRequest(new ChatBody([]), JsonElement.Parse("{}"u8), UnknownParameters.Refuse, new HostedParts(null));
        var mapper = new ChatStreamMapper(run, request, _ => null);
        var piece = new RunEvent.Updated(new ChatResponseUpdate(ChatRole.Assistant, "piece")) { Id = 2 };
        for (var i = 0; i < 100; i++) mapper.Map(piece);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) mapper.Map(piece);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, 0, 80);
    }

    [Theory]
    [InlineData("\"content\":\"\"")]
    [InlineData("Grüße, 'd <日本> \\ \n")]
    public async Task Text_that_looks_like_the_form_of_a_chunk_arrives_as_it_is(string text)
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying(text));

        var lines = await StreamAsync(host, """{"messages":[{"role":"user","content":"hi"}],"stream":true}""");

        Assert.Equal(text, JsonElement.Parse(lines[1]).GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString());
    }

    [Fact]
    public async Task Calls_are_streamed_head_first()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("a", "weather"), ("b", "unknown")));
        await using var host = await ApiHost.StartAsync(model);

        var lines = await StreamAsync(
            host, """{"messages":[{"role":"user","content":"hi"}],"stream":true,"tools":[{"type":"function","function":{"name":"weather"}}]}""");

        Assert.Equal(
            [
                """{"role":"assistant"}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"","name":"weather"},"id":"a","type":"function"}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}""",
                """{"tool_calls":[{"index":1,"function":{"arguments":"","name":"unknown"},"id":"b","type":"function"}]}""",
                """{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}""",
                "{}",
            ],
            lines.SkipLast(1).Select(l => JsonElement.Parse(l).GetProperty("choices")[0].GetProperty("delta").GetRawText()));
        Assert.Contains("\"tool_calls\"", JsonElement.Parse(lines[^2]).GetProperty("choices")[0].GetProperty("finish_reason").GetRawText());
    }

    [Fact]
    public async Task A_model_that_fails_before_it_says_anything_gives_the_status_of_its_error()
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => ScriptedModel.Break()));
        await (await host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"stream":true}""")).OpenAIErrorAsync(502, "model_error");
    }

    [Fact]
    public async Task A_model_that_breaks_off_ends_the_stream_with_an_error_and_no_end_mark()
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => ScriptedModel.Break("Hel")));

        var lines = await StreamAsync(host, """{"messages":[{"role":"user","content":"hi"}],"stream":true}""");

        Assert.Equal(3, lines.Count);
        Assert.Equal("model_error", JsonElement.Parse(lines[^1]).GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_connection_cancels_the_run_when_so_configured(bool complete)
    {
        var left = new TaskCompletionSource();
        var model = new ScriptedModel(call => SpeakOnAsync(left.Task, call.Cancellation));
        await using var host = await ApiHost.StartAsync(model, new SessionsConfiguration { OnDisconnect = complete ? DisconnectPolicy.Complete : DisconnectPolicy.Cancel });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"messages":[{"role":"user","content":"hi"}],"stream":true}""", null, "application/json"),
        };
        request.Headers.Add("PluginHost-Session", "trip");
        using (var answer = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            Assert.StartsWith("data: ", await reader.ReadLineAsync());
        }

        if (complete) left.SetResult();
        var run = await EndedRunAsync(host);
        Assert.Equal(complete ? "completed" : "cancelled", run.GetProperty("status").GetString());
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> SpeakOnAsync(
        Task left, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "Hel");
        await left.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "lo");
    }

    private static async Task<JsonElement> EndedRunAsync(ApiHost host)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        // A patch waits for the run in progress, so that a later list has that run.
        var patched = await host.Http.PatchAsync("/v1/sessions/trip", new StringContent("{}", null, "application/json"), limit.Token);
        Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync(limit.Token));
        return (await (await host.Http.GetAsync("/v1/sessions/trip/runs", limit.Token)).JsonAsync()).GetProperty("data")[0];
    }

    private static async Task<IReadOnlyList<string>> StreamAsync(ApiHost host, string json)
    {
        var answer = await host.PostAsync("/v1/chat/completions", json);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var text = await answer.Content.ReadAsStringAsync();
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e["data: ".Length..])];
    }
}
