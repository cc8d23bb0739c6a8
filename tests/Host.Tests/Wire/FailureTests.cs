using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>Why a model's server refused reaches the caller as the server said it; where the server is does not.</summary>
public sealed class FailureTests
{
    public static TheoryData<string, string> Ways => new()
    {
        { "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""" },
        { "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"stream":true}""" },
        { "/v1/responses", """{"input":"hi"}""" },
        { "/v1/responses", """{"input":"hi","stream":true}""" },
        { "/v1/responses", """{"input":"hi","stream":true,"store":false}""" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_context_that_is_too_long_has_its_code_and_is_not_retried(string path, string body)
    {
        var (status, error, headers) = await FailAsync(WireReply.Error(400, "Too long.", "context_length_exceeded", "messages"), path, body);

        Assert.Equal((400, "context_length_exceeded", "messages"), (status, (string?)error["code"], (string?)error["param"]));
        Assert.Contains("Too long.", (string?)error["message"], StringComparison.Ordinal);
        Assert.False(headers.Headers.Contains("retry-after"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_quota_that_is_used_up_is_not_retried_and_a_busy_server_is_when_it_says(string path, string body)
    {
        var used = await FailAsync(WireReply.Error(429, "Pay.", "insufficient_quota"), path, body);
        var busy = await FailAsync(
            WireReply.Error(429, "Busy.", "rate_limit_exceeded") with { Headers = new Dictionary<string, string> { ["Retry-After"] = "7", ["x-should-retry"] = "true" } }, path, body);

        Assert.Equal((429, "insufficient_quota"), (used.Status, (string?)used.Error["code"]));
        Assert.Equal(["false"], used.Response.Headers.GetValues("x-should-retry"));
        Assert.Equal((429, "rate_limit_exceeded"), (busy.Status, (string?)busy.Error["code"]));
        Assert.Equal(["7"], busy.Response.Headers.GetValues("Retry-After"));
        Assert.Equal(["true"], busy.Response.Headers.GetValues("x-should-retry"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_account_without_credit_is_not_a_wrong_request(string path, string body)
    {
        var (status, error, response) = await FailAsync(WireReply.Error(402, "Insufficient Balance"), path, body);

        Assert.Equal((429, "rate_limit_exceeded"), (status, (string?)error["code"]));
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_address_of_the_server_is_in_the_log_only(string path, string body)
    {
        await using var server = await WireServer.StartAsync(new Failing(WireReply.Error(404, "No model.")));
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (_, text, _) = await host.PostTextAsync(path, body);

        Assert.DoesNotContain(new Uri(server.Endpoint).Authority, text, StringComparison.Ordinal);
        Assert.NotEmpty(host.Log.Of(server.Endpoint));
    }

    [Theory]
    [InlineData("{\"error\":{\"message\":\"Pay.\",\"code\":\"insufficient_quota\"}}", 1, null)]
    [InlineData("[{\"error\":{\"code\":429,\"message\":\"Wait.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"118.4s\"}]}}]", 1, "119")]
    [InlineData("{\"error\":{\"message\":\"Busy.\",\"details\":[{\"retryDelay\":\"0s\"}]}}", 3, "0")]
    public async Task The_host_itself_tries_again_only_where_it_helps(string body, int requests, string? retryAfter)
    {
        await using var server = await WireServer.StartAsync(new Failing(new WireReply(429, body)));
        using var setup = new OutcomeSetup("sqlite") { Client = $$"""{ "Client": "openai", "Endpoint": "{{server.Endpoint}}", "ApiKeyEnvironment": "", "MaxRetries": 2 }""" };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (status, _, response) = await host.PostTextAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal((429, requests), (status, server.Requests.Count));
        Assert.Equal(retryAfter, response.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null);
    }

    [Theory]
    [InlineData(400, "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size. try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":1407,\"n_ctx\":256}}")]
    [InlineData(500, "{\"error\":{\"code\":500,\"message\":\"too long\",\"type\":\"exceed_context_size_error\"}}")]
    [InlineData(400, "{\"object\":\"error\",\"message\":\"This model's maximum context length is 6048 tokens. However, you requested 6616 tokens.\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}")]
    [InlineData(400, "[{\"error\":{\"code\":400,\"message\":\"The input token count (461428) exceeds the maximum number of tokens allowed (131072).\",\"status\":\"INVALID_ARGUMENT\"}}]")]
    public async Task A_context_that_is_too_long_is_known_by_its_type_or_its_words(int sent, string body)
    {
        var (status, error, _) = await FailAsync(new WireReply(sent, body), "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal((400, "context_length_exceeded"), (status, (string?)error["code"]));
    }

    [Fact]
    public async Task Anthropics_clients_learn_that_a_retry_is_worth_it()
    {
        var busy = WireReply.Error(429, "Busy.") with { Headers = new Dictionary<string, string> { ["x-should-retry"] = "true" } };
        var (status, _, response) = await FailAsync(busy, "/v1/messages", """{"max_tokens":1,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal(429, status);
        Assert.Equal(["true"], response.Headers.GetValues("x-should-retry"));
    }

    [Theory]
    [InlineData("This model's maximum context length is 10 tokens.", "prompt is too long: The model")]
    [InlineData("prompt is too long: 12 tokens > 10 maximum", "The model")]
    public async Task Anthropics_programs_know_a_conversation_that_is_too_long_by_its_words(string said, string expected)
    {
        var (status, error, _) = await FailAsync(WireReply.Error(400, said), "/v1/messages", """{"max_tokens":1,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal((400, "invalid_request_error"), (status, (string?)error["type"]));
        Assert.Contains("prompt is too long", (string?)error["message"], StringComparison.Ordinal);
        Assert.StartsWith(expected, (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_inside_a_stream_has_the_servers_code()
    {
        var events = new WireReply(200, "data: {\"error\":{\"message\":\"Filtered.\",\"code\":\"content_filter\"}}\n\n") { ContentType = "text/event-stream" };
        var (status, error, _) = await FailAsync(events, "/v1/responses", """{"input":"hi","stream":true}""");

        Assert.Equal((400, "content_filter"), (status, (string?)error["code"]));
    }

    [Fact]
    public async Task A_document_of_an_error_with_status_200_is_an_error()
    {
        var (status, _, _) = await FailAsync(new WireReply(200, """{"error":{"message":"Out of memory."}}"""), "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal(502, status);
    }

    private static async Task<(int Status, JsonNode Error, HttpResponseMessage Response)> FailAsync(WireReply reply, string path, string body)
    {
        await using var server = await WireServer.StartAsync(new Failing(reply));
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var (status, text, response) = await host.PostTextAsync(path, body);
        return (status, JsonNode.Parse(text)!["error"]!, response);
    }

    private sealed class Failing(WireReply reply) : IDialect
    {
        public WireReply Answer(WireRequest request) => reply;
    }

    [Fact]
    public async Task A_refusal_in_an_unknown_charset_is_still_a_refusal()
    {
        var busy = new WireReply(429, """{"error":{"message":"Pay.","code":"insufficient_quota"}}""") { ContentType = "application/json; charset=utf8" };
        await using var server = await WireServer.StartAsync(new Failing(busy));
        using var setup = new OutcomeSetup("sqlite") { Client = $$"""{ "Client": "openai", "Endpoint": "{{server.Endpoint}}", "ApiKeyEnvironment": "", "MaxRetries": 2 }""" };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (status, _, _) = await host.PostTextAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal((429, 1), (status, server.Requests.Count));
    }
}
