using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
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
    public async Task Without_export_readiness_says_nothing_of_telemetry()
    {
        using var logs = new Telemetry.LogLines();
        await using var app = await StartAsync(logs, []);
        using var http = new HttpClient();

        Assert.Equal("""{"status":"ok"}""", await http.GetStringAsync(ReadyOf(app)));
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
        builder.Services.AddSingleton(_ => new TestEngine(new StubModel(), []));
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
