using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>The headers that OpenAI's clients and proxies read beside the body.</summary>
public sealed class AnswerHeaderTests
{
    private static readonly Dictionary<string, string> Sent = new()
    {
        ["X-RateLimit-Remaining-Requests"] = "59",
        ["x-ratelimit-reset-tokens"] = "6m0s",
        ["x-ratelimit-long"] = new string('9', 1000),
        ["openai-organization"] = "the-operators",
        ["Set-Cookie"] = "a=b",
    };

    public static TheoryData<string, string> Ways => new()
    {
        { "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""" },
        { "/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"stream":true}""" },
        { "/v1/responses", """{"input":"hi"}""" },
        { "/v1/responses", """{"input":"hi","stream":true}""" },
        { "/v1/embeddings", """{"input":"hi"}""" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_limits_of_the_models_server_reach_the_caller(string path, string body)
    {
        using var response = await PostAsync(path, body, new Plain());

        Assert.Equal(200, (int)response.StatusCode);
        AssertLimits(response);
        Assert.Equal("assistant", response.Headers.GetValues("openai-model").Single());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task They_reach_the_caller_with_a_refusal_too(string path, string body)
    {
        using var response = await PostAsync(path, body, new Busy());

        Assert.Equal(429, (int)response.StatusCode);
        AssertLimits(response);
    }

    [Theory]
    [InlineData("GET", "/v1/models", 200)]
    [InlineData("GET", "/v1/responses/none", 404)]
    [InlineData("POST", "/v1/chat/completions", 400)]
    public async Task Every_answer_has_an_id_a_version_and_its_time(string method, string path, int status)
    {
        using var setup = new OutcomeSetup("files") { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await host.Http.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotEqual("", response.Headers.GetValues("x-request-id").Single());
        Assert.Equal("2020-10-01", response.Headers.GetValues("openai-version").Single());
        Assert.True(long.TryParse(response.Headers.GetValues("openai-processing-ms").Single(), out _));
        Assert.DoesNotContain(response.Headers, h => h.Key.StartsWith("x-ratelimit", StringComparison.OrdinalIgnoreCase));
    }

    private static void AssertLimits(HttpResponseMessage response)
    {
        Assert.Equal("59", response.Headers.GetValues("x-ratelimit-remaining-requests").Single());
        Assert.Equal("6m0s", response.Headers.GetValues("x-ratelimit-reset-tokens").Single());
        foreach (var name in (string[])["x-ratelimit-long", "openai-organization", "Set-Cookie"]) Assert.False(response.Headers.Contains(name), name);
        Assert.True(long.TryParse(response.Headers.GetValues("openai-processing-ms").Single(), out _));
    }

    private static async Task<HttpResponseMessage> PostAsync(string path, string body, IDialect dialect)
    {
        await using var server = await WireServer.StartAsync(new WithHeaders(dialect));
        using var setup = new OutcomeSetup("files");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        return (await host.PostTextAsync(path, body)).Response;
    }

    private sealed class WithHeaders(IDialect inner) : IDialect
    {
        public WireReply Answer(WireRequest request) => inner.Answer(request) with { Headers = Sent };
    }

    private sealed class Busy : IDialect
    {
        public WireReply Answer(WireRequest request) => WireReply.Error(429, "Busy.");
    }
}
