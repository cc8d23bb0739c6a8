using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Access;

/// <summary>One caller cannot take the host from the others, and health is reachable whatever callers do.</summary>
public sealed class ShareTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly ServerConfiguration Server = new()
    {
        Listen = ["http://127.0.0.1:0"],
        Keys = [ApiKey.Create("a", "acme", false), ApiKey.Create("g", "globex", false)],
    };

    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _asked = new(0);

    [Fact]
    public async Task Streams_that_wait_do_not_use_up_the_requests()
    {
        await using var host = await ApiHost.StartAsync(Server with { MaxConcurrentRequests = 2 }, model: Held());
        using var first = await StreamAsync(host, "a", "s");
        using var second = await StreamAsync(host, "a", "t");
        using var third = await StreamAsync(host, "a", "u");
        foreach (var stream in new[] { first, second, third }) Assert.Equal(HttpStatusCode.OK, stream.StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "a")).StatusCode);
        _release.SetResult();
        foreach (var stream in new[] { first, second, third }) Assert.Contains("run.completed", await stream.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_has_a_share_of_the_streams_and_a_refused_stream_starts_no_run()
    {
        await using var host = await ApiHost.StartAsync(Server with { MaxStreamsPerTenant = 1 }, model: Held());
        using var first = await StreamAsync(host, "a", "s");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        await _asked.WaitAsync(Limit);

        using var refused = await StreamAsync(host, "a", "t");
        var problem = await refused.ProblemAsync(429, "too-many-streams");
        Assert.Contains("Server:MaxStreamsPerTenant", problem.GetProperty("detail").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
        await (await host.GetAsync("/v1/sessions/t", "a")).ProblemAsync(404, "session-not-found");
        using var other = await StreamAsync(host, "g", "t");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);

        _release.SetResult();
        await first.Content.ReadAsStringAsync();
        await EventuallyAsync(async () => (await StreamAsync(host, "a", "t")).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_tenant_has_a_share_of_the_requests()
    {
        await using var host = await ApiHost.StartAsync(Server with { MaxRequestsPerTenant = 1 }, model: Held());
        var first = host.PostAsync("/v1/sessions/s/runs", "a", """{"input":"x"}""");
        await _asked.WaitAsync(Limit);

        using var refused = await host.GetAsync("/v1/agents", "a");
        Assert.Contains("Server:MaxRequestsPerTenant", (await refused.ProblemAsync(429, "too-many-requests")).GetProperty("detail").GetString());
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "g")).StatusCode);

        _release.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        await EventuallyAsync(async () => (await host.GetAsync("/v1/agents", "a")).StatusCode == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tenant_has_a_share_of_the_bytes_of_bodies_until_its_runs_have_ended(bool background)
    {
        await using var host = await ApiHost.StartAsync(Server with { MaxBodyBytesPerTenant = 1_000_000 }, model: Held());
        var body = $$"""{"input":"{{new string('x', 700_000)}}","background":{{(background ? "true" : "false")}}}""";
        var first = host.PostAsync("/v1/sessions/s/runs", "a", body);
        if (background) Assert.Equal(HttpStatusCode.Accepted, (await first).StatusCode);
        await _asked.WaitAsync(Limit);

        using var refused = await host.PostAsync("/v1/sessions/t/runs", "a", body);
        Assert.Contains("Server:MaxBodyBytesPerTenant", (await refused.ProblemAsync(429, "too-many-bytes")).GetProperty("detail").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.Created, (await host.PostAsync("/v1/sessions", "a", "{}")).StatusCode);
        var other = host.PostAsync("/v1/sessions/t/runs", "g", body);
        await _asked.WaitAsync(Limit);

        _release.SetResult();
        Assert.True((await first).IsSuccessStatusCode);
        Assert.True((await other).IsSuccessStatusCode);
        await EventuallyAsync(async () => (await host.PostAsync("/v1/sessions/t/runs", "a", body)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task The_bodies_of_all_tenants_together_are_bounded_and_a_body_without_a_length_counts_too()
    {
        await using var host = await ApiHost.StartAsync(Server with { MaxBodyBytesInProgress = 1_000_000 }, model: Held());
        var body = $$"""{"input":"{{new string('x', 700_000)}}"}""";
        var first = host.PostAsync("/v1/sessions/s/runs", "a", body);
        await _asked.WaitAsync(Limit);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/t/runs") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Authorization = new("Bearer", "g");
        using var refused = await host.Http.SendAsync(request);
        Assert.Contains("Server:MaxBodyBytesInProgress", (await refused.ProblemAsync(503, "overloaded")).GetProperty("detail").GetString());

        _release.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
    }

    [Fact]
    public async Task Silent_connections_shut_out_neither_health_nor_callers()
    {
        await using var host = await ApiHost.StartAsync(Server with { MaxConnections = 5 });
        var silent = new List<TcpClient>();
        for (var i = 0; i < 20; i++) silent.Add(await ConnectAsync(host));

        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "a")).StatusCode);
        silent.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task A_connection_that_sends_nothing_is_closed()
    {
        await using var host = await ApiHost.StartAsync(Server with { HeaderTimeout = TimeSpan.FromMilliseconds(200) });
        using var silent = await ConnectAsync(host);
        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Limit));
    }

    [Fact]
    public async Task Health_is_reachable_when_all_connections_are_in_use()
    {
        await using var host = await ApiHost.StartAsync(Server with { MaxConnections = 2 }, model: Held());
        var accepted = new[] { host.PostAsync("/v1/runs", "a", """{"input":"x"}"""), host.PostAsync("/v1/runs", "a", """{"input":"x"}""") };
        for (var i = 0; i < accepted.Length; i++) await _asked.WaitAsync(Limit);

        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/health/live", null)).StatusCode);
        using var refused = await host.GetAsync("/v1/agents", "a");
        Assert.Contains("Server:MaxConnections", (await refused.ProblemAsync(503, "overloaded")).GetProperty("detail").GetString());
        Assert.True(refused.Headers.ConnectionClose);

        _release.SetResult();
        Assert.All(await Task.WhenAll(accepted), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }

    private static async Task<TcpClient> ConnectAsync(ApiHost host)
    {
        var (uri, client) = (new Uri(host.Address), new TcpClient());
        await client.ConnectAsync(uri.Host, uri.Port);
        return client;
    }

    private static Task<HttpResponseMessage> StreamAsync(ApiHost host, string key, string session)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/{session}/runs")
        {
            Content = new StringContent("""{"input":"x","stream":true}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", key);
        return host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>What a request took is given back just after its answer.</summary>
    private static async Task EventuallyAsync(Func<Task<bool>> isTrue)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await isTrue()) limit.Token.ThrowIfCancellationRequested();
    }

    private ScriptedModel Held() => new(_ => HoldAsync());

    private async IAsyncEnumerable<ChatResponseUpdate> HoldAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _asked.Release();
        await _release.Task.WaitAsync(cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "done");
    }
}
