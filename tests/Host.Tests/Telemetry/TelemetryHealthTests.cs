using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Http;
using PluginHost.Native;
using PluginHost.Testing;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class TelemetryHealthTests
{
    [Fact]
    public async Task What_a_full_queue_drops_is_counted_and_logged_and_told_by_readiness_which_stays_green()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var logs = new Telemetry.LogLines();
        await using var app = await StartAsync(
            logs,
            [
                .. TelemetryHost.HttpTo(collector), ("OTEL_BSP_MAX_QUEUE_SIZE", "16"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16"),
                ("OTEL_BSP_SCHEDULE_DELAY", "600000"), ("OTEL_LOGS_EXPORTER", "none"),
            ]);
        collector.Hold();

        var observer = app.Services.GetRequiredService<HostObserver>();
        for (var i = 0; i < 100; i++) observer.End(observer.Begin(new(HostOperation.Start)), new(HostOperation.Start), default);
        var ready = await ReadyAsync(app);
        collector.Recover();
        await app.StopAsync();

        var dropped = collector.Received.Points.Single(p => p.Name == "pluginhost.telemetry.dropped");
        Assert.InRange(dropped.Value, 50, 100);
        Assert.Equal("traces", dropped.Attributes["pluginhost.telemetry.signal"]);
        Assert.Single(logs.Lines, l => l.Contains("queue of traces is full", StringComparison.Ordinal));
        // The requests of this test are traced too, after readiness was asked for.
        var told = ready.Single(s => s.GetProperty("signal").GetString() == "traces").GetProperty("dropped_items").GetInt64();
        Assert.InRange(told, 1, (long)dropped.Value);
    }

    [Fact]
    public async Task Losses_begin_with_zero_so_that_the_first_one_is_an_increase()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var logs = new Telemetry.LogLines();
        await using var app = await StartAsync(logs, TelemetryHost.HttpTo(collector));

        await app.StopAsync();

        var losses = collector.Received.Points.Where(p => p.Name is "pluginhost.telemetry.dropped" or "pluginhost.telemetry.rejected")
            .Select(p => $"{p.Name} {p.Attributes["pluginhost.telemetry.signal"]} {(long)p.Value}").Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "pluginhost.telemetry.dropped logs 0", "pluginhost.telemetry.dropped traces 0",
                "pluginhost.telemetry.rejected logs 0", "pluginhost.telemetry.rejected metrics 0", "pluginhost.telemetry.rejected traces 0",
            ],
            losses);
    }

    [Fact]
    public async Task Failed_exports_show_in_readiness_which_stays_green()
    {
        await using var collector = await OtlpReceiver.StartAsync(status: 503);
        using var logs = new Telemetry.LogLines();
        await using var app = await StartAsync(logs, [.. TelemetryHost.HttpTo(collector), ("OTEL_LOGS_EXPORTER", "none")]);

        var observer = app.Services.GetRequiredService<HostObserver>();
        observer.End(observer.Begin(new(HostOperation.Start)), new(HostOperation.Start), default);
        // A flush waits for an export that is in progress, which may be one before the span was queued.
        var traces = app.Services.GetRequiredService<OpenTelemetry.Trace.TracerProvider>();
        var ready = new List<JsonElement>();
        for (var i = 0; i < 100 && (ready.Count < 2 || ready[1].GetProperty("failed_exports").GetInt64() == 0); i++)
        {
            OpenTelemetry.Trace.TracerProviderExtensions.ForceFlush(traces);
            ready = await ReadyAsync(app);
        }

        Assert.Equal(["metrics", "traces"], ready.Select(s => s.GetProperty("signal").GetString()));
        Assert.InRange(ready[1].GetProperty("failed_exports").GetInt64(), 1, 1000);
        Assert.Equal("503", ready[1].GetProperty("last_error").GetString());
    }

    [Fact]
    public void Exports_that_fail_after_a_success_and_dropped_items_have_a_detail_until_they_are_sent_again()
    {
        var time = new FakeTimeProvider();
        var health = new TelemetryHealth(time);
        health.AddQueue("logs", 10, () => 0);
        health.AddSuccess("traces", 5);
        time.Advance(TimeSpan.FromMinutes(1));

        health.AddDropped("logs", 3);
        health.AddFailure("traces", "unreachable");
        var (logs, traces) = (health.Signals[0].Detail, health.Signals[1].Detail);
        time.Advance(TimeSpan.FromMinutes(1));
        health.AddSuccess("traces", 5);

        Assert.Contains("OTEL_BLRP_MAX_QUEUE_SIZE", logs, StringComparison.Ordinal);
        Assert.Contains("since the last success (unreachable)", traces, StringComparison.Ordinal);
        Assert.Null(health.Signals[1].Detail);
    }

    [Theory]
    [InlineData(false, "none")]
    [InlineData(false, "gzip")]
    [InlineData(true, "none")]
    [InlineData(true, "gzip")]
    public async Task What_is_sent_and_what_the_collector_rejects_is_counted_by_signal(bool grpc, string compression)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        collector.RejectSpans(2);
        using var logs = new Telemetry.LogLines();
        await using var app = await StartAsync(
            logs,
            [.. grpc ? TelemetryHost.GrpcTo(collector) : TelemetryHost.HttpTo(collector), ("OTEL_EXPORTER_OTLP_COMPRESSION", compression), ("OTEL_BSP_MAX_QUEUE_SIZE", "1000")]);

        var observer = app.Services.GetRequiredService<HostObserver>();
        for (var i = 0; i < 5; i++) observer.End(observer.Begin(new(HostOperation.Start)), new(HostOperation.Start), default);
        Flush(app);
        var traces = await TracesAsync(app);

        Assert.Equal(collector.Received.Spans.Count - 2, traces.GetProperty("sent_items").GetInt64());
        Assert.Equal((2L, 1000L, "otlp"), (traces.GetProperty("rejected_items").GetInt64(), traces.GetProperty("queue_capacity").GetInt64(), traces.GetProperty("exporter").GetString()));
        Assert.InRange(traces.GetProperty("queued_items").GetInt64(), 0, 5);
        Assert.True(traces.TryGetProperty("last_success_at", out _));
        Assert.Contains("rejected", traces.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single(logs.Lines, l => l.Contains("rejected 2 items", StringComparison.Ordinal));
        await app.StopAsync();
        var points = collector.Received.Points.Where(p => p.Attributes.GetValueOrDefault("pluginhost.telemetry.signal") is "traces").ToDictionary(p => p.Name, p => p.Value);
        Assert.InRange(points["pluginhost.telemetry.sent"], 3, 100);
        Assert.InRange(points["pluginhost.telemetry.rejected"], 2, 100);
        Assert.Equal(1000, points["pluginhost.telemetry.queue.capacity"]);
        Assert.Contains("pluginhost.telemetry.queue.size", points.Keys);
    }

    [Theory]
    [InlineData(401, 0, "401")]
    [InlineData(403, 0, "403")]
    [InlineData(200, 16, "unauthenticated")]
    [InlineData(200, 7, "permission_denied")]
    public async Task Refused_credentials_are_seen_at_once_with_their_cure(int status, int grpcStatus, string error)
    {
        await using var collector = await OtlpReceiver.StartAsync(status, grpcStatus);
        using var logs = new Telemetry.LogLines();
        await using var app = await StartAsync(logs, [.. grpcStatus == 0 ? TelemetryHost.HttpTo(collector) : TelemetryHost.GrpcTo(collector), ("OTEL_LOGS_EXPORTER", "none")]);

        var observer = app.Services.GetRequiredService<HostObserver>();
        observer.End(observer.Begin(new(HostOperation.Start)), new(HostOperation.Start), default);
        Flush(app);
        var traces = await TracesAsync(app);

        Assert.Equal((error, 0L, false), (traces.GetProperty("last_error").GetString(), traces.GetProperty("sent_items").GetInt64(), traces.TryGetProperty("last_success_at", out _)));
        Assert.Contains("OTEL_EXPORTER_OTLP_HEADERS", traces.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains(logs.Lines, l => l.Contains("refuses the credentials", StringComparison.Ordinal) && l.Contains("OTEL_EXPORTER_OTLP_HEADERS", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_address_with_credentials_that_never_works_is_seen_without_them(bool grpc)
    {
        await using var collector = await OtlpReceiver.StartAsync(status: 401);
        var address = (grpc ? collector.GrpcEndpoint : collector.HttpEndpoint).Replace("http://", "http://ops:pass%40word@", StringComparison.Ordinal);
        using var logs = new Telemetry.LogLines();
        await using var app = await StartAsync(
            logs, [("OTEL_EXPORTER_OTLP_ENDPOINT", address), ("OTEL_EXPORTER_OTLP_PROTOCOL", grpc ? "grpc" : "http/protobuf"), ("OTEL_LOGS_EXPORTER", "none")]);

        var observer = app.Services.GetRequiredService<HostObserver>();
        observer.End(observer.Begin(new(HostOperation.Start)), new(HostOperation.Start), default);
        Flush(app);
        var traces = await TracesAsync(app);

        Assert.Equal("401", traces.GetProperty("last_error").GetString());
        Assert.Contains(logs.Lines, l => l.Contains("refuses the credentials", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, l => l.Contains("pass", StringComparison.Ordinal) && l.Contains("word", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Variables_without_effect_are_named_in_one_warning()
    {
        using var logs = new Telemetry.LogLines();
        await using var app = await StartAsync(logs, [("OTEL_PROPAGATORS", "b3"), ("OTEL_BSP_MAX_QUEUE", "1"), ("OTEL_SERVICE_NAME", "mine")]);

        var line = Assert.Single(logs.Lines, l => l.Contains("have no effect", StringComparison.Ordinal));
        Assert.Contains("OTEL_BSP_MAX_QUEUE, OTEL_PROPAGATORS.", line, StringComparison.Ordinal);
        await app.StopAsync();
    }

    [Fact]
    public async Task Without_export_readiness_says_nothing_of_telemetry()
    {
        using var logs = new Telemetry.LogLines();
        await using var app = await StartAsync(logs, []);
        using var http = new HttpClient();

        Assert.Equal("""{"status":"ok"}""", await http.GetStringAsync(ReadyOf(app)));
    }

    private static void Flush(WebApplication app) =>
        OpenTelemetry.Trace.TracerProviderExtensions.ForceFlush(app.Services.GetRequiredService<OpenTelemetry.Trace.TracerProvider>());

    /// <summary>The traces in readiness, which are the same at the endpoint for admins.</summary>
    private static async Task<JsonElement> TracesAsync(WebApplication app)
    {
        var ready = (await ReadyAsync(app)).Single(s => s.GetProperty("signal").GetString() == "traces");
        using var http = new HttpClient();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var all = await http.GetFromJsonAsync<JsonElement>(address + "/v1/telemetry");
        var traces = all.GetProperty("signals").EnumerateArray().Single(s => s.GetProperty("signal").GetString() == "traces");
        Assert.Equal(ready.GetProperty("failed_exports").GetInt64() > 0, traces.GetProperty("failed_exports").GetInt64() > 0);
        return ready;
    }

    private static async Task<List<JsonElement>> ReadyAsync(WebApplication app)
    {
        using var http = new HttpClient();
        var body = await http.GetFromJsonAsync<JsonElement>(ReadyOf(app));
        Assert.Equal("ok", body.GetProperty("status").GetString());
        return [.. body.GetProperty("telemetry").EnumerateArray()];
    }

    private static Uri ReadyOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/health/ready");

    private static async Task<WebApplication> StartAsync(LogLines logs, IEnumerable<(string Name, string Value)> variables)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.Configuration.AddInMemoryCollection(variables.ToDictionary(v => v.Name, v => (string?)v.Value));
        PluginHost.Telemetry.HostTelemetry.AddHostTelemetry(builder);
        builder.Services.AddSingleton(_ => new TestEngine(new StubModel(), [])).AddSingleton(new KeptTraces(0));
        builder.Services.AddSingleton(s => s.GetRequiredService<TestEngine>().Readiness);
        builder.Services.AddHttp(new HostConfiguration { Server = new() { Listen = ["http://127.0.0.1:0"] } }).AddNativeApi();
        var app = builder.Build();
        app.Services.GetRequiredService<HostObserver>();
        app.UseHttp();
        app.MapNativeApi();
        await app.StartAsync();
        return app;
    }
}
