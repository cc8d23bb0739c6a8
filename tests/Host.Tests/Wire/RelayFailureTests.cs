using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.ModelServer;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>Requests that pass through are refused, fail and end as those of chat completions do.</summary>
public sealed class RelayFailureTests
{
    private const string Hi = """{"model":"assistant","input":"hi","prompt":"hi"}""";
    private const string Streamed = """{"model":"assistant","prompt":"hi","stream":true}""";

    [Theory]
    [InlineData(429, """{"error":{"message":"Busy.","code":"rate_limit_exceeded"}}""", 429, "rate_limit_exceeded")]
    [InlineData(400, """{"error":{"message":"Too long.","param":"input","code":"context_length_exceeded"}}""", 400, "context_length_exceeded")]
    [InlineData(404, """{"error":{"message":"No model."}}""", 502, "model_not_found")]
    [InlineData(500, "<html>", 502, "model_error")]
    [InlineData(200, """ { "error": { "message":"Out of memory." } } """, 502, "model_error")]
    [InlineData(200, "", 502, "model_error")]
    public async Task An_error_of_the_server_has_the_status_and_code_that_chat_gives(int sent, string body, int status, string code)
    {
        await using var host = await StartAsync();
        host.Model.Enqueue(new ModelReply { Status = sent, Body = body, Headers = new Dictionary<string, string> { ["Retry-After"] = "7" } });

        var (got, text, response) = await host.PostTextAsync("/v1/embeddings", Hi);

        var error = JsonNode.Parse(text)!["error"]!;
        Assert.Equal((status, code), (got, (string?)error["code"]));
        Assert.Equal(["message", "type", "param", "code"], error.AsObject().Select(m => m.Key));
        if (status == 429) Assert.Equal(["7"], response.Headers.GetValues("Retry-After"));
        Assert.DoesNotContain(new Uri(host.Model.Endpoint).Authority, text, StringComparison.Ordinal);
        if (sent != 200) Assert.NotEmpty(host.Log.Of(host.Model.Endpoint));
    }

    [Fact]
    public async Task What_is_neither_json_nor_events_is_an_error()
    {
        await using var server = await WireServer.StartAsync(new Fixed(new WireReply(200, "<html>") { ContentType = "text/html" }));
        using var setup = new OutcomeSetup("files");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        Assert.Equal(502, (await host.PostTextAsync("/v1/moderations", Hi)).Status);
    }

    [Fact]
    public async Task A_stream_that_fails_between_events_ends_with_the_error()
    {
        await using var host = await StartAsync();
        var hold = new Hold();
        host.Model.Enqueue(new ModelReply { AfterFirstPiece = hold, BreakOff = true });
        using var response = await SendAsync(host, Streamed);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var first = await reader.ReadLineAsync();
        hold.Release();

        var rest = await reader.ReadToEndAsync();

        Assert.Contains("Hello", first, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"model_interrupted\"", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", 100, 502)]
    [InlineData("application/json", 100_000, 200)]
    [InlineData("text/event-stream", 100_000, 200)]
    public async Task Half_an_answer_does_not_look_like_a_whole_one(string type, int length, int status)
    {
        var body = $"data: [\"{new string('x', length)}";
        var reply = new WireReply(200, body) { ContentType = type, Headers = new Dictionary<string, string> { ["Content-Length"] = "1000000" } };
        await using var server = await WireServer.StartAsync(new Fixed(reply));
        using var setup = new OutcomeSetup("files");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        using var response = await SendAsync(host, Hi, "/v1/embeddings");

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 200) await Assert.ThrowsAnyAsync<IOException>(async () => await (await response.Content.ReadAsStreamAsync()).CopyToAsync(System.IO.Stream.Null));
        else Assert.Contains("model_interrupted", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/embeddings", Hi, false)]
    [InlineData("/v1/completions", Streamed, false)]
    [InlineData("/v1/completions", Streamed, true)]
    public async Task The_call_ends_with_its_caller(string path, string body, bool isLate)
    {
        await using var host = await StartAsync();
        var hold = new Hold();
        host.Model.Enqueue(isLate ? new ModelReply { AfterFirstPiece = hold } : new ModelReply { BeforeAnswer = hold });
        using var leave = new CancellationTokenSource();

        var asking = SendAsync(host, body, path, leave.Token);
        await hold.Reached;
        if (isLate) (await asking).Dispose();
        else await leave.CancelAsync();

        if (!isLate) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await hold.Abandoned;
    }

    [Theory]
    [InlineData("""{"model":"other","input":"x"}""", 404, "model_not_found", "model")]
    [InlineData("""{"model":7,"input":"x"}""", 400, "invalid_type", "model")]
    [InlineData("""{"input":"x","input":"y"}""", 400, "invalid_value", "input")]
    [InlineData("""["x"]""", 400, "invalid_value", null)]
    [InlineData("""{"model":"assistant" """, 400, "malformed_json", null)]
    public async Task A_wrong_request_is_refused_and_nothing_is_sent(string body, int status, string code, string? param)
    {
        await using var host = await StartAsync();

        var (got, text, _) = await host.PostTextAsync("/v1/embeddings", body);

        var error = JsonNode.Parse(text)!["error"]!;
        Assert.Equal((status, code, param), (got, (string?)error["code"], (string?)error["param"]));
        Assert.Empty(host.Model.Requests);
    }

    [Fact]
    public async Task An_idempotency_key_is_refused_because_it_would_have_no_effect()
    {
        await using var host = await StartAsync();

        var (status, text, _) = await host.PostTextAsync("/v1/embeddings", Hi, ("Idempotency-Key", "k"));

        Assert.Equal((400, true), (status, text.Contains("unsupported_parameter", StringComparison.Ordinal)));
        Assert.Empty(host.Model.Requests);
    }

    [Theory]
    [InlineData("/v1/embeddings")]
    [InlineData("/v1/moderations")]
    [InlineData("/v1/completions")]
    public async Task A_client_without_a_server_says_so(string path)
    {
        using var setup = new OutcomeSetup("files") { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);

        var (status, text, _) = await host.PostTextAsync(path, Hi);

        Assert.Equal((400, "unsupported_endpoint"), (status, (string?)JsonNode.Parse(text)!["error"]!["code"]));
        Assert.Contains("echo", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agents_middleware_is_not_bypassed()
    {
        using var setup = new OutcomeSetup("files") { Before = """{ "Plugin": "redaction" }""" };
        await using var host = await OutcomeHost.StartAsync(setup);

        var (status, text, _) = await host.PostTextAsync("/v1/completions", Hi);

        Assert.Equal((400, "unsupported_endpoint"), (status, (string?)JsonNode.Parse(text)!["error"]!["code"]));
        Assert.Contains("redaction", text, StringComparison.Ordinal);
        Assert.Empty(host.Model.Requests);
    }

    [Fact]
    public async Task A_key_is_needed_and_streams_count_against_the_tenants_share()
    {
        using var setup = new OutcomeSetup("files") { Keys = [ApiKey.Create("k", "acme", false)], Server = """ "MaxStreamsPerTenant": 1, "MaxBodyBytes": 100000 """ };
        await using var host = await OutcomeHost.StartAsync(setup);
        var hold = new Hold();
        host.Model.Enqueue(new ModelReply { AfterFirstPiece = hold });

        Assert.Equal(401, (await host.PostTextAsync("/v1/embeddings", Hi)).Status);
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "k");
        using var first = await SendAsync(host, Streamed);
        var second = await host.PostTextAsync("/v1/completions", Streamed);
        var large = await host.PostTextAsync("/v1/embeddings", $$"""{"input":"{{new string('x', 100_000)}}"}""");
        hold.Release();

        Assert.Equal((HttpStatusCode.OK, 429, 413), (first.StatusCode, second.Status, large.Status));
        Assert.Single(host.Model.Requests);
    }

    private static async Task<OutcomeHost> StartAsync()
    {
        using var setup = new OutcomeSetup("files");
        return await OutcomeHost.StartAsync(setup);
    }

    private static async Task<HttpResponseMessage> SendAsync(OutcomeHost host, string body, string path = "/v1/completions", CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        return await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private sealed class Fixed(WireReply reply) : IDialect
    {
        public WireReply Answer(WireRequest request) => reply;
    }
}
