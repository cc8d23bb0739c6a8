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
    public async Task The_address_of_the_server_is_in_the_log_only(string path, string body)
    {
        await using var server = await WireServer.StartAsync(new Failing(WireReply.Error(404, "No model.")));
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (_, text, _) = await host.PostTextAsync(path, body);

        Assert.DoesNotContain(new Uri(server.Endpoint).Authority, text, StringComparison.Ordinal);
        Assert.NotEmpty(host.Log.Of(server.Endpoint));
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
}
