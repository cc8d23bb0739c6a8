using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

/// <summary>What callers get when a plugin's chat client fails: the same as from the built-in one.</summary>
public sealed class PluginModelFailureTests
{
    public static TheoryData<string, string> Interfaces => new()
    {
        { "/v1/sessions/s/runs", """{"input":"hi"}""" },
        { "/v1/chat/completions", """{"model":"assistant","messages":[{"role":"user","content":"hi"}]}""" },
        { "/v1/responses", """{"model":"assistant","input":"hi"}""" },
        { "/v1/messages", """{"model":"assistant","max_tokens":10,"messages":[{"role":"user","content":"hi"}]}""" },
    };

    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task Too_many_requests_of_a_plugins_model_are_those_of_the_built_in_one(string path, string body)
    {
        using var ofPlugin = new OutcomeSetup("sqlite")
        {
            Client = """{ "Client": "failing-client", "Options": { "Failure": "RateLimited", "Message": "The model 'm' returned status 429: Slow down.", "Code": "tokens_per_min", "RetryAfter": "7s", "ShouldRetry": true } }""",
        };
        using var ofHost = new OutcomeSetup("sqlite") { Model = """ "Model": "m" """ };
        await using var plugins = await OutcomeHost.StartAsync(ofPlugin);
        await using var hosts = await OutcomeHost.StartAsync(ofHost);
        hosts.Model.Enqueue(new ModelReply
        {
            Status = 429,
            Error = "Slow down.",
            ErrorCode = "tokens_per_min",
            Headers = new Dictionary<string, string> { ["Retry-After"] = "7", ["x-should-retry"] = "true" },
        });

        var (fromPlugin, fromHost) = (await AskAsync(plugins, path, body), await AskAsync(hosts, path, body));

        Assert.Equal(fromHost, fromPlugin);
        Assert.Contains("Retry-After: 7", fromPlugin, StringComparison.Ordinal);
        Assert.Contains(path.StartsWith("/v1/sessions", StringComparison.Ordinal) ? "model_rate_limited" : "429", fromPlugin, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_a_model_that_a_plugin_called_tells_callers_when_to_retry()
    {
        using var setup = new OutcomeSetup("sqlite") { Before = """{ "Plugin": "asking", "Host": { "OnError": "fail" } }""" };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { Status = 429, Headers = new Dictionary<string, string> { ["Retry-After"] = "7" } });

        var answer = await AskAsync(host, "/v1/chat/completions", """{"model":"assistant","messages":[{"role":"user","content":"hi"}]}""");

        Assert.StartsWith("429 Retry-After: 7", answer, StringComparison.Ordinal);
        Assert.Contains("Plugin 'asking' failed in ContextProvide.", answer, StringComparison.Ordinal);
    }

    /// <summary>Status, the headers that clients act on, and the body without what differs by run.</summary>
    private static async Task<string> AskAsync(OutcomeHost host, string path, string body)
    {
        using var content = new StringContent(body, null, "application/json");
        using var response = await host.Http.PostAsync(path, content);
        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        foreach (var name in new[] { "run_id", "session_id", "trace_id", "request_id" }) json.Remove(name);
        string Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : "none";
        return $"{(int)response.StatusCode} Retry-After: {Header("Retry-After")} x-should-retry: {Header("x-should-retry")} {json.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })}";
    }
}
