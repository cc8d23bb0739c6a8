using System.Diagnostics;
using System.Diagnostics.Metrics;
using PluginHost.ModelServer;
using PluginHost.Tests.Outcomes;
using PluginHost.Tests.Telemetry;

namespace PluginHost.Tests.Wire;

/// <summary>Embeddings, moderations and older completions pass through to the model's server and back, byte by byte. Alone, because spans and metrics are found by name.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class RelayTests
{
    private const string Floats = """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10, -2e-3,1]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}}""";

    [Theory]
    [InlineData("/v1/embeddings", """{ "model": "assistant", "input":["a\u00e9", "b"],  "encoding_format":"base64", "dimensions": 1.0e1 }""", """{ "model": "m-1", "input":["a\u00e9", "b"],  "encoding_format":"base64", "dimensions": 1.0e1 }""")]
    [InlineData("/v1/embeddings", """{"input":[[1,2],[3]],"mod\u0065l":"fast-one","user":null}""", """{"input":[[1,2],[3]],"mod\u0065l":"m-1","user":null}""")]
    [InlineData("/v1/moderations", """{"input":[{"type":"text","text":"x"}]}""", """{"model":"m-1","input":[{"type":"text","text":"x"}]}""")]
    [InlineData("/v1/moderations", """{"input":"x","model":null}""", """{"input":"x","model":"m-1"}""")]
    [InlineData("/v1/completions", """{"model":"assistant","prompt":"a","n":2,"logprobs":3,"logit_bias":{"50256":-100},"echo":true,"colour":"red"}""", """{"model":"m-1","prompt":"a","n":2,"logprobs":3,"logit_bias":{"50256":-100},"echo":true,"colour":"red"}""")]
    [InlineData("/v1/completions", "{}", """{"model":"m-1"}""")]
    public async Task A_request_arrives_byte_by_byte_with_the_agents_model(string path, string sent, string expected)
    {
        await using var server = await WireServer.StartAsync(new Fixed(new WireReply(200, Floats)));
        await using var host = await StartAsync(server);

        var (status, text, _) = await host.PostTextAsync(path, sent);

        Assert.True(status == 200, text);
        var received = Assert.Single(server.Requests);
        Assert.Equal((path, expected), (received.Path, received.Text));
    }

    [Theory]
    [InlineData(Floats, "application/json")]
    [InlineData("""{ "data":[{"embedding":"AACAPwAAAEA=","index":0}],  "usage":{"prompt_tokens":1} }""", "application/json; charset=utf-8")]
    [InlineData("[1]", "application/json")]
    [InlineData("data: {\"id\":\"c\",\"choices\":[{\"text\":\"a\"}]}\n\n: wait\n\ndata: {\"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]\n\n", "text/event-stream")]
    [InlineData("data: {\"choices\":[]}\r\n\r\ndata: [DONE]\r\n\r\n", "text/event-stream; charset=utf-8")]
    public async Task An_answer_comes_back_byte_by_byte(string body, string type)
    {
        await using var server = await WireServer.StartAsync(new Fixed(new WireReply(200, body) { ContentType = type }));
        await using var host = await StartAsync(server);

        var (status, text, response) = await host.PostTextAsync("/v1/completions", """{"model":"assistant","prompt":"hi","stream":true}""");

        Assert.Equal((200, body), (status, text));
        Assert.Equal(type.Split(';')[0], response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.Contains("x-request-id"));
    }

    [Fact]
    public async Task A_large_answer_takes_a_small_part_of_its_size_in_memory()
    {
        const int Length = 64 * 1024 * 1024;
        var body = $$$"""{"data":[{"embedding":"{{{new string('A', Length)}}}"}],"usage":{"prompt_tokens":3}}""";
        await using var server = await WireServer.StartAsync(new Fixed(new WireReply(200, body)));
        await using var host = await StartAsync(server);
        await ReadAsync(host);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        var read = await ReadAsync(host);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal(body.Length, read);
        // The test's server takes its part of this.
        Assert.True(allocated < Length / 2, $"{allocated} bytes");
    }

    [Theory]
    [InlineData("/v1/embeddings", "embeddings", Floats, "text-embedding-3-small", 8, null)]
    [InlineData("/v1/moderations", "moderation", """{"id":"modr-1","model":"omni","results":[]}""", "omni", null, null)]
    [InlineData("/v1/completions", "text_completion", """{"usage":{"prompt_tokens":5,"completion_tokens":2},"model":"old","choices":[{"text":"x\"},\\"}]}""", "old", 5, 2)]
    public async Task A_call_has_a_span_and_is_counted_by_agent(string path, string operation, string body, string model, int? input, int? output)
    {
        await using var server = await WireServer.StartAsync(new Fixed(new WireReply(200, body)));
        await using var host = await StartAsync(server);
        using var heard = new Listener();

        await host.PostTextAsync(path, """{"model":"assistant","input":"a secret"}""");
        await heard.Ended.WaitAsync(TimeSpan.FromSeconds(20));

        var span = Assert.Single(heard.Spans);
        Assert.Equal((operation + " m-1", ActivityKind.Client), (span.DisplayName, span.Kind));
        Assert.Equal((operation, "assistant", "m-1", model), (span.GetTagItem("gen_ai.operation.name"), span.GetTagItem("gen_ai.agent.name"), span.GetTagItem("gen_ai.request.model"), span.GetTagItem("gen_ai.response.model")));
        Assert.Equal((input, output), ((int?)(long?)span.GetTagItem("gen_ai.usage.input_tokens"), (int?)(long?)span.GetTagItem("gen_ai.usage.output_tokens")));
        Assert.DoesNotContain(span.TagObjects, t => t.Value?.ToString()?.Contains("secret", StringComparison.Ordinal) == true);
        Assert.Equal((input, output), (heard.Tokens("input"), heard.Tokens("output")));
        Assert.Equal(operation, Assert.Single(heard.Durations)["gen_ai.operation.name"]);
    }

    [Fact]
    public async Task A_call_that_fails_is_counted_with_its_type()
    {
        await using var server = await WireServer.StartAsync(new Fixed(WireReply.Error(429, "Slow down.")));
        await using var host = await StartAsync(server);
        using var heard = new Listener();

        await host.PostTextAsync("/v1/embeddings", """{"model":"assistant","input":"x"}""");
        await heard.Ended.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(("model_rate_limited", ActivityStatusCode.Error), (heard.Spans[0].GetTagItem("error.type"), heard.Spans[0].Status));
        Assert.Equal("model_rate_limited", Assert.Single(heard.Durations)["error.type"]);
    }

    private static async Task<OutcomeHost> StartAsync(WireServer server)
    {
        using var setup = new OutcomeSetup("files") { Model = """ "Model": "m-1" """, Agent = """ "Aliases": ["fast-*"] """ };
        return await OutcomeHost.StartAsync(setup, server);
    }

    private static async Task<long> ReadAsync(OutcomeHost host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/embeddings") { Content = new StringContent("""{"input":"x"}""", null, "application/json") };
        using var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var (buffer, length) = (new byte[64 * 1024], 0L);
        while (await body.ReadAsync(buffer) is > 0 and var read) length += read;
        return length;
    }

    private sealed class Fixed(WireReply reply) : IDialect
    {
        public WireReply Answer(WireRequest request) => reply;
    }

    /// <summary>Hears the spans and measurements of models.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly ActivityListener _spans;
        private readonly MeterListener _meters = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<(long Count, Dictionary<string, object?> Tags)> _tokens = [];

        public Listener()
        {
            _spans = new ActivityListener
            {
                ShouldListenTo = s => s.Name == "PluginHost.GenAI",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    Spans.Add(span);
                    _ended.TrySetResult();
                },
            };
            ActivitySource.AddActivityListener(_spans);
            _meters.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name is "gen_ai.client.operation.duration" or "gen_ai.client.token.usage") listener.EnableMeasurementEvents(instrument);
            };
            _meters.SetMeasurementEventCallback<long>((_, count, tags, _) => _tokens.Add((count, ToTags(tags))));
            _meters.SetMeasurementEventCallback<double>((_, _, tags, _) => Durations.Add(ToTags(tags)));
            _meters.Start();
        }

        public List<Activity> Spans { get; } = [];

        public List<Dictionary<string, object?>> Durations { get; } = [];

        public Task Ended => _ended.Task;

        public int? Tokens(string type) => _tokens.Where(t => Equals(t.Tags["gen_ai.token.type"], type)).Select(t => (int?)t.Count).SingleOrDefault();

        public void Dispose()
        {
            _spans.Dispose();
            _meters.Dispose();
        }

        private static Dictionary<string, object?> ToTags(ReadOnlySpan<KeyValuePair<string, object?>> tags) => new(tags.ToArray());
    }
}
