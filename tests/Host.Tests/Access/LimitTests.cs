using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Access;

public sealed class LimitTests
{
    private static readonly ServerConfiguration Open = new() { Listen = ["http://127.0.0.1:0"] };

    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _asked = new(0);

    [Theory]
    [InlineData("gzip", 415)]
    [InlineData("br", 415)]
    [InlineData("identity, gzip", 415)]
    [InlineData("identity", 201)]
    public async Task A_compressed_body_is_refused(string encoding, int status)
    {
        await using var host = await ApiHost.StartAsync(Open);
        using var answer = await host.PostAsync("/v1/sessions", null, "{}", ("Content-Encoding", encoding));
        if (status == 415) await answer.ProblemAsync(415, "unsupported-media-type");
        else Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task A_tenant_over_its_rate_is_refused_with_a_time_to_retry_and_others_are_served()
    {
        await using var host = await ApiHost.StartAsync(
            Open with { Keys = [ApiKey.Create("a", "acme", false), ApiKey.Create("g", "globex", false)], RequestsPerSecond = 1 });
        HttpResponseMessage? refused = null;
        for (var i = 0; i < 50 && refused is null; i++)
        {
            var answer = await host.GetAsync("/v1/agents", "a");
            if (answer.StatusCode == HttpStatusCode.TooManyRequests) refused = answer;
        }

        Assert.NotNull(refused);
        var problem = await refused.ProblemAsync(429, "rate-limited");
        Assert.Contains("Server:RequestsPerSecond", problem.GetProperty("detail").GetString());
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 2);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "g")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/health/live", null)).StatusCode);
    }

    [Fact]
    public async Task Overload_is_answered_at_once_and_what_was_accepted_completes()
    {
        await using var host = await ApiHost.StartAsync(Open with { MaxConcurrentRequests = 2 }, model: Held());
        var accepted = new[] { Run(host, "a"), Run(host, "b") };
        for (var i = 0; i < accepted.Length; i++) await _asked.WaitAsync(TimeSpan.FromSeconds(20));

        using var refused = await host.PostAsync("/v1/runs", null, """{"input":"x"}""");
        var problem = await refused.ProblemAsync(503, "overloaded");
        Assert.Contains("Server:MaxConcurrentRequests", problem.GetProperty("detail").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/health/live", null)).StatusCode);

        _release.SetResult();
        Assert.All(await Task.WhenAll(accepted), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }

    [Fact]
    public async Task A_tenant_at_its_limit_of_runs_is_refused_and_others_are_not()
    {
        await using var host = await ApiHost.StartAsync(
            Open with { Keys = [ApiKey.Create("a", "acme", false), ApiKey.Create("g", "globex", false)] },
            model: Held(),
            sessions: new SessionsConfiguration { MaxConcurrentRuns = 1 });
        var first = Run(host, "s", "a");
        await _asked.WaitAsync(TimeSpan.FromSeconds(20));

        using var refused = await Run(host, "t", "a");
        Assert.Contains("Sessions:MaxConcurrentRuns", (await refused.ProblemAsync(429, "too-many-runs")).GetProperty("detail").GetString());
        var other = Run(host, "s", "g");
        await _asked.WaitAsync(TimeSpan.FromSeconds(20));
        _release.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await other).StatusCode);
        // The run stops counting just after the answer.
        var again = HttpStatusCode.TooManyRequests;
        for (var i = 0; i < 50 && again == HttpStatusCode.TooManyRequests; i++) again = (await Run(host, "t", "a")).StatusCode;
        Assert.Equal(HttpStatusCode.OK, again);
    }

    [Fact]
    public async Task The_limit_of_a_tenants_sessions_holds_for_every_way_to_create_one()
    {
        await using var host = await ApiHost.StartAsync(
            Open with { Keys = [ApiKey.Create("a", "acme", false), ApiKey.Create("g", "globex", false)] },
            sessions: new SessionsConfiguration { MaxSessions = 2 });
        Assert.Equal(HttpStatusCode.Created, (await host.PostAsync("/v1/sessions", "a", """{"id":"one"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Run(host, "two", "a")).StatusCode);
        var snapshot = (await (await host.GetAsync("/v1/sessions/one/export", "a")).Content.ReadAsStringAsync()).Replace("\"one\"", "\"three\"");

        await (await host.PostAsync("/v1/sessions", "a", "{}")).ProblemAsync(429, "too-many-sessions");
        await (await Run(host, "three", "a")).ProblemAsync(429, "too-many-sessions");
        await (await host.PostAsync("/v1/sessions/one/fork", "a", null)).ProblemAsync(429, "too-many-sessions");
        var refused = await (await host.PostAsync("/v1/sessions/import", "a", snapshot)).ProblemAsync(429, "too-many-sessions");
        Assert.Contains("Sessions:MaxSessions", refused.GetProperty("detail").GetString());
        Assert.Equal(HttpStatusCode.OK, (await Run(host, "two", "a")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await host.PostAsync("/v1/sessions", "g", "{}")).StatusCode);

        await host.CallAsync(HttpMethod.Delete, "/v1/sessions/one", "a");
        Assert.Equal(HttpStatusCode.Created, (await host.PostAsync("/v1/sessions", "a", "{}")).StatusCode);
    }

    [Fact]
    public async Task Concurrent_runs_that_create_sessions_do_not_exceed_the_limit_together()
    {
        await using var host = await ApiHost.StartAsync(Open, model: Held(), sessions: new SessionsConfiguration { MaxSessions = 3 });
        var runs = Enumerable.Range(0, 20).Select(i => Run(host, $"s{i}")).ToList();
        for (var i = 0; i < 3; i++) await _asked.WaitAsync(TimeSpan.FromSeconds(20));
        for (var ended = new List<Task<HttpResponseMessage>>(); ended.Count < 17;)
        {
            var refused = await Task.WhenAny(runs.Except(ended)).WaitAsync(TimeSpan.FromSeconds(20));
            ended.Add(refused);
            await (await refused).ProblemAsync(429, "too-many-sessions");
        }

        await (await host.PostAsync("/v1/sessions", null, "{}")).ProblemAsync(429, "too-many-sessions");
        _release.SetResult();
        Assert.Equal(3, (await Task.WhenAll(runs)).Count(r => r.StatusCode == HttpStatusCode.OK));
        Assert.Equal(3, (await (await host.GetAsync("/v1/sessions", null)).JsonAsync()).GetProperty("data").GetArrayLength());

        // A run that failed or was refused does not count.
        await host.CallAsync(HttpMethod.Delete, "/v1/sessions/" + (await (await runs.First(r => r.Result.StatusCode == HttpStatusCode.OK)).JsonAsync()).GetProperty("session_id").GetString(), null);
        Assert.Equal(HttpStatusCode.Created, (await host.PostAsync("/v1/sessions", null, "{}")).StatusCode);
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused_with_the_settings_name()
    {
        await using var host = await ApiHost.StartAsync(Open, sessions: new SessionsConfiguration { MaxMessageBytes = 1024 });
        var text = new string('é', 513);
        var run = await (await host.PostAsync("/v1/runs", null, $$"""{"input":[{"role":"user","content":"ok"},{"role":"user","content":"{{text}}"}]}"""))
            .ProblemAsync(400, "invalid-request");
        Assert.Equal(["input[1].content"], run.Paths());
        Assert.Contains("Sessions:MaxMessageBytes", run.GetRawText());
        var create = await (await host.PostAsync("/v1/sessions", null, $$"""{"messages":[{"role":"user","content":"{{text}}"}]}"""))
            .ProblemAsync(400, "invalid-request");
        Assert.Equal(["messages[0].content"], create.Paths());
    }

    [Fact]
    public async Task Slow_headers_time_out()
    {
        await using var host = await ApiHost.StartAsync(Open with { HeaderTimeout = TimeSpan.FromSeconds(1) });
        Assert.StartsWith("HTTP/1.1 408", await TalkAsync(host, "GET /v1/agents HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
    }

    [Fact]
    public async Task A_slow_body_times_out()
    {
        await using var host = await ApiHost.StartAsync(Open);
        var answer = await TalkAsync(
            host, "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{");
        Assert.StartsWith("HTTP/1.1 408", answer);
        Assert.Contains("/problems/request-timeout", answer);
    }

    [Fact]
    public async Task A_caller_that_breaks_its_connection_off_is_no_error_of_the_host()
    {
        await using var host = await ApiHost.StartAsync(Open, services => services.Configure<LoggerFilterOptions>(logging => logging.MinLevel = LogLevel.Debug));
        var uri = new Uri(host.Address);
        using (var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(enable: true, seconds: 0) })
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            await client.ConnectAsync(uri.Host, uri.Port, limit.Token);
            await client.SendAsync(
                Encoding.ASCII.GetBytes(
                    "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"),
                limit.Token);
            // The host reads the body from now on. A TcpClient would end its side first, which is not a reset.
            await client.ReceiveAsync(new byte[12], limit.Token);
        }

        await host.Log.WaitForAsync("the caller's connection was lost");
        Assert.Empty(host.Log.Of("failed unexpectedly"));
    }

    /// <summary>Sends something, and then nothing, until the host closes the connection.</summary>
    private static async Task<string> TalkAsync(ApiHost host, string text)
    {
        var uri = new Uri(host.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(uri.Host, uri.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(40));
    }

    private static Task<HttpResponseMessage> Run(ApiHost host, string session, string? key = null) =>
        host.PostAsync($"/v1/sessions/{session}/runs", key, """{"input":"x"}""");

    private ScriptedModel Held() => new(_ => HoldAsync());

    private async IAsyncEnumerable<ChatResponseUpdate> HoldAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _asked.Release();
        await _release.Task.WaitAsync(cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "done");
    }
}
