using System.Text.Json;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Api;

public sealed class HostStatusTests
{
    private static readonly ServerConfiguration WithTenants = new()
    {
        Listen = ["http://127.0.0.1:0"],
        Keys = [ApiKey.Create("acme", "acme", false), ApiKey.Create("globex", "globex", false), ApiKey.Create("admin", "ops", true)],
    };

    [Fact]
    public async Task The_host_says_what_it_is_and_that_it_is_ready()
    {
        await using var host = await ApiHost.StartAsync();
        var status = await (await host.Http.GetAsync("/v1/host")).JsonAsync();
        Assert.Equal(("host", "ready", "test-sessions"), (status.Text("object"), status.Text("status"), status.Text("store")));
        Assert.Matches(@"^\d+\.\d+\.\d+", status.Text("version")!);
        Assert.InRange(status.GetProperty("uptime_seconds").GetDouble(), 0, 3600);
        Assert.Equal(host.Address, status.GetProperty("addresses")[0].GetString());
        Assert.Equal(("test-sessions", "healthy"), (status.GetProperty("plugins")[0].Text("plugin"), status.GetProperty("plugins")[0].Text("state")));
    }

    [Fact]
    public async Task Readiness_is_shown_by_plugin_as_the_health_check_shows_it()
    {
        await using var host = await ApiHost.StartAsync(plugins:
        [
            TestEngine.Plugin(new Sick(PluginHealth.Unhealthy("The disk is full.")), "full"),
            TestEngine.Plugin(new Sick(PluginHealth.Degraded("One of two servers answers.")), "half"),
        ]);
        var status = await (await host.Http.GetAsync("/v1/host")).JsonAsync();
        Assert.Equal("not_ready", status.Text("status"));
        Assert.Equal(
            ["full unhealthy The disk is full.", "half degraded One of two servers answers.", "test-sessions healthy "],
            status.GetProperty("plugins").EnumerateArray().Select(p => $"{p.Text("plugin")} {p.Text("state")} {(p.TryGetProperty("text", out var text) ? text : default)}"));
        await (await host.Http.GetAsync("/health/ready")).ProblemAsync(503, "not-ready");
    }

    [Fact]
    public async Task Telemetry_that_is_lost_is_shown()
    {
        var telemetry = new TelemetryHealth(TimeProvider.System);
        telemetry.AddFailure("traces", "unavailable");
        await using var host = await ApiHost.StartAsync(configure: services => services.Replace(ServiceDescriptor.Singleton(telemetry)));
        var signal = (await (await host.Http.GetAsync("/v1/host")).JsonAsync()).GetProperty("telemetry")[0];
        Assert.Equal(("traces", 1), (signal.Text("signal"), signal.GetProperty("failed_exports").GetInt32()));
    }

    [Fact]
    public async Task Tenants_count_their_own_runs_and_admins_all()
    {
        await using var steered = await SteeredRun.StartAsync(new SessionsConfiguration(), WithTenants, callsTool: false, "one", "two", "three");
        var (reached, release) = steered.Hold();
        var host = steered.Host;
        await StartAsync(host, "acme", "s");
        await reached;
        await StartAsync(host, "acme", "s");

        Assert.Equal((1, 1, 1), await CountAsync(host, "acme"));
        Assert.Equal((0, 0, 0), await CountAsync(host, "globex"));
        Assert.Equal((1, 1, 1), await CountAsync(host, "admin"));
        var status = await ReadAsync(host, "globex");
        foreach (var name in new[] { "addresses", "memory_bytes", "generation" }) Assert.False(status.TryGetProperty(name, out _), name);
        release();
        await steered.UntilAsync(live => live.Active == 0);
        Assert.Equal((0, 0, 0), await CountAsync(host, "admin"));
    }

    [Fact]
    public async Task A_query_is_refused()
    {
        await using var host = await ApiHost.StartAsync();
        var problem = await (await host.Http.GetAsync("/v1/host?verbose=true")).ProblemAsync(400, "invalid-request");
        Assert.Equal(["verbose"], problem.Paths());
    }

    private static async Task StartAsync(ApiHost host, string key, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/{session}/runs") { Content = new StringContent("""{"input":"hi","background":true}""", null, "application/json") };
        request.Headers.Add("X-Api-Key", key);
        Assert.Equal(202, (int)(await host.Http.SendAsync(request)).StatusCode);
    }

    private static async Task<(int Queued, int Running, int Sessions)> CountAsync(ApiHost host, string key)
    {
        var runs = (await ReadAsync(host, key)).GetProperty("runs");
        return (runs.GetProperty("queued").GetInt32(), runs.GetProperty("running").GetInt32(), runs.GetProperty("sessions").GetInt32());
    }

    private static async Task<JsonElement> ReadAsync(ApiHost host, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/host");
        request.Headers.Add("X-Api-Key", key);
        return await (await host.Http.SendAsync(request)).JsonAsync();
    }

    private sealed class Sick(PluginHealth health) : IContextProvider, IPluginHealth
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(new ContextContribution());

        public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) => new(health);
    }
}
