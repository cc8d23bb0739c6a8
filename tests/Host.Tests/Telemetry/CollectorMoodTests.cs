using System.Diagnostics;
using PluginHost.Testing;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Telemetry;

/// <summary>A collector that misbehaves in the middle of the host's life, and comes to its senses.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class CollectorMoodTests
{
    private static readonly (string, string)[] Hurried = [("OTEL_BSP_SCHEDULE_DELAY", "1"), ("OTEL_METRIC_EXPORT_INTERVAL", "50"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "200")];

    [Theory]
    [InlineData("hold", true)]
    [InlineData("hold", false)]
    [InlineData("break", true)]
    [InlineData("break", false)]
    [InlineData("429", true)]
    [InlineData("429", false)]
    [InlineData("503", true)]
    [InlineData("503", false)]
    public async Task Runs_take_no_longer_and_export_continues_when_the_collector_does(string mood, bool grpc)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync(
            [.. grpc ? TelemetryHost.GrpcTo(collector) : TelemetryHost.HttpTo(collector), .. Hurried], TimeSpan.FromSeconds(2));
        await using var engine = new TestEngine(new StubModel(), [], observer: host.Observer);
        await MedianAsync(engine, "warm-up");

        var well = await MedianAsync(engine, "well");
        Set(collector, mood);
        var ill = await MedianAsync(engine, "ill");
        collector.Recover();
        var before = collector.Received.Spans.Count;
        await engine.RunAsync("again", "hi");
        await collector.Received.WaitForAsync(r => r.Spans.Count > before);

        // Generous: what would go wrong takes 200 ms, where a run takes much less than one.
        Assert.InRange(ill.TotalMilliseconds, 0, (well.TotalMilliseconds * 3) + 10);
    }

    [Fact]
    public async Task Memory_stays_bounded_while_nothing_can_be_sent()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        collector.Hold();
        await using var host = await TelemetryHost.StartAsync(TelemetryHost.HttpTo(collector), TimeSpan.FromSeconds(1));
        for (var i = 0; i < 500; i++) await RunSpanTests.RunAsync(host);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 2500; i++) await RunSpanTests.RunAsync(host);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;

        // 30 000 spans would be some 50 MB; the queue holds 2 048.
        Assert.InRange(grown, long.MinValue, 10_000_000);
    }

    [Fact]
    public async Task With_retry_from_disk_what_could_not_be_sent_waits_in_the_folder()
    {
        await using var collector = await OtlpReceiver.StartAsync(status: 503);
        using var folder = new TemporaryFolder();
        await using var host = await TelemetryHost.StartAsync(
            [
                .. TelemetryHost.HttpTo(collector), ("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "disk"),
                ("OTEL_DOTNET_EXPERIMENTAL_OTLP_DISK_RETRY_DIRECTORY_PATH", folder.Path), ("OTEL_METRICS_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "none"),
            ]);

        await RunSpanTests.RunAsync(host);
        await host.StopAsync();

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder.Path, "traces"), "*.blob", SearchOption.AllDirectories));
    }

    private static void Set(OtlpReceiver collector, string mood)
    {
        if (mood == "hold") collector.Hold();
        else if (mood == "break") collector.Break();
        else collector.Refuse(int.Parse(mood, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<TimeSpan> MedianAsync(TestEngine engine, string session)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < 50; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            await engine.RunAsync($"{session}-{i}", "hi");
            times.Add(Stopwatch.GetElapsedTime(begin));
        }

        return times.Order().ElementAt(times.Count / 2);
    }
}
