using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Http;
using PluginHost.Native;
using PluginHost.Telemetry;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class PrometheusTests
{
    [Fact]
    public async Task Metrics_are_scraped_at_a_separate_port_with_exemplars_that_lead_to_traces()
    {
        await using var app = await StartAsync(("OTEL_EXPORTER_PROMETHEUS_PORT", "0"), ("OTEL_TRACES_EXPORTER", "console"));
        using var http = new HttpClient();
        var run = new ScriptedRun(app.Services.GetRequiredService<HostObserver>(), new FakeTimeProvider());
        await run.RunAsync();
        using var health = await http.GetAsync(new Uri(AddressesOf(app)[0] + "/health/live"));

        var plain = await http.GetStringAsync(new Uri(AddressesOf(app)[1] + "/metrics"));
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressesOf(app)[1] + "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text;version=1.0.0");
        using var response = await http.SendAsync(request);
        var open = await response.Content.ReadAsStringAsync();

        Assert.Contains("pluginhost_run_duration_seconds_bucket{", plain, StringComparison.Ordinal);
        Assert.Contains(open.Split('\n'), l => l.StartsWith("pluginhost_run_duration_seconds_bucket{", StringComparison.Ordinal)
            && l.Contains($"trace_id=\"{run.TraceParent![3..35]}\"", StringComparison.Ordinal));
        Assert.DoesNotContain("http_server_request_duration_seconds_count", open, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_for_scrapes_serves_nothing_else_and_the_api_serves_no_metrics()
    {
        await using var app = await StartAsync(("OTEL_EXPORTER_PROMETHEUS_PORT", "0"));
        using var http = new HttpClient();

        using var api = await http.GetAsync(new Uri(AddressesOf(app)[1] + "/v1/agents"));
        using var metrics = await http.GetAsync(new Uri(AddressesOf(app)[0] + "/metrics"));

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (api.StatusCode, metrics.StatusCode));
    }

    [Fact]
    public async Task Silent_connections_to_the_port_for_scrapes_give_way()
    {
        await using var app = await StartAsync(("OTEL_EXPORTER_PROMETHEUS_PORT", "0"));
        var address = new Uri(AddressesOf(app)[1]);
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 80; i++)
            {
                var client = new TcpClient();
                silent.Add(client);
                await client.ConnectAsync(address.Host, address.Port);
            }

            // One that is idle is closed for each that comes.
            var closed = await Task.WhenAny(silent.Select(c => c.GetStream().ReadAsync(new byte[1]).AsTask())).WaitAsync(TimeSpan.FromSeconds(10));
            Assert.True(closed.IsFaulted || await closed == 0);
            using var http = new HttpClient();
            using var scrape = await http.GetAsync(new Uri(address, "/metrics"));
            Assert.Equal(HttpStatusCode.OK, scrape.StatusCode);
        }
        finally
        {
            silent.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task Without_keys_a_scrape_has_to_be_addressed_to_this_machine()
    {
        await using var app = await StartAsync(("OTEL_EXPORTER_PROMETHEUS_PORT", "0"));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressesOf(app)[1] + "/metrics");
        request.Headers.Host = "rebound.example";

        using var rebound = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, rebound.StatusCode);
        Assert.DoesNotContain("pluginhost_", await rebound.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public async Task With_keys_a_scrape_needs_an_admins_key(string address)
    {
        await using var app = await StartAsync(
            [ApiKey.Create("secret", "ops", isAdmin: true), ApiKey.Create("of-a-tenant", "acme", isAdmin: false)], ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"), ("OTEL_EXPORTER_PROMETHEUS_HOST", address));
        var metrics = new Uri(AddressesOf(app)[1].Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal) + "/metrics");
        using var http = new HttpClient();

        using var without = await http.GetAsync(metrics);
        http.DefaultRequestHeaders.Authorization = new("Bearer", "of-a-tenant");
        using var ofTenant = await http.GetAsync(metrics);
        http.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        using var with = await http.GetAsync(metrics);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.OK), (without.StatusCode, ofTenant.StatusCode, with.StatusCode));
        Assert.DoesNotContain("pluginhost_", await ofTenant.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0", "no API keys")]
    [InlineData("OTEL_EXPORTER_PROMETHEUS_HOST", "*", "no API keys")]
    [InlineData("OTEL_EXPORTER_PROMETHEUS_HOST", "example.org", "Allowed: localhost")]
    [InlineData("OTEL_EXPORTER_PROMETHEUS_PORT", "many", "0 to 65535")]
    public void An_address_that_is_wrong_or_open_to_all_stops_the_start(string variable, string value, string says)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("OTEL_METRICS_EXPORTER", "prometheus"), new(variable, value)]).Build();

        Assert.Contains(says, Assert.Single(HostTelemetry.Validate(configuration)), StringComparison.Ordinal);
        Assert.Equal(says == "no API keys" ? 0 : 1, HostTelemetry.Validate(configuration, hasApiKeys: true).Count);
    }

    private static Task<WebApplication> StartAsync(params (string Name, string Value)[] variables) => StartAsync([], variables);

    private static async Task<WebApplication> StartAsync(ApiKey[] keys, params (string Name, string Value)[] variables)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("OTEL_METRICS_EXPORTER", "prometheus"), .. variables.Select(v => new KeyValuePair<string, string?>(v.Name, v.Value))]);
        var server = new ServerConfiguration { Listen = ["http://127.0.0.1:0"], Keys = keys };
        builder.AddHostTelemetry(HttpServices.UseAdminAccess, keys.Length > 0, limit: HttpServices.LimitAdminConnections(server, TimeProvider.System));
        builder.Services.AddHttp(new HostConfiguration { Server = server }).AddNativeApi();
        var app = builder.Build();
        app.UseHttp();
        app.MapNativeApi();
        await app.StartAsync();
        return app;
    }

    private static List<string> AddressesOf(WebApplication app) =>
        [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
}
