using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class CollectorFailureTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    /// <summary>Generous: what would go wrong takes ten seconds or more.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(4);

    [Theory]
    [InlineData("grpc", "dead")]
    [InlineData("grpc", "hanging")]
    [InlineData("grpc", "breaking")]
    [InlineData("http/protobuf", "dead")]
    [InlineData("http/protobuf", "hanging")]
    [InlineData("http/protobuf", "breaking")]
    public async Task A_broken_collector_delays_neither_a_run_nor_the_end_beyond_its_deadline(string protocol, string how)
    {
        using var collector = BrokenCollector.Start(how);
        var host = await TelemetryHost.StartAsync(
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_BSP_SCHEDULE_DELAY", "1"),
                ("OTEL_METRIC_EXPORT_INTERVAL", "10"),
            ],
            Deadline);

        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++) await RunSpanTests.RunAsync(host);
        var runs = watch.Elapsed;
        watch.Restart();
        await host.StopAsync();
        var stop = watch.Elapsed;
        await host.DisposeAsync();

        Assert.InRange(runs, TimeSpan.Zero, Bound);
        Assert.InRange(stop, TimeSpan.Zero, Bound);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Bound);
    }

    [Theory]
    [InlineData("grpc", 503, "503")]
    [InlineData("http/protobuf", 503, "503")]
    [InlineData("http/protobuf", 429, "429")]
    public async Task Refused_exports_are_counted_by_signal_and_error_and_logged_once(string protocol, int status, string errorType)
    {
        await using var receiver = await OtlpReceiver.StartAsync(status);
        using var failures = new FailureCount();
        using var logs = new LogLines();
        var endpoint = protocol == "grpc" ? TelemetryHost.GrpcTo(receiver) : TelemetryHost.HttpTo(receiver);
        await using var host = await TelemetryHost.StartAsync([.. endpoint, ("OTEL_LOGS_EXPORTER", "none")], logs: logs);

        await RunSpanTests.RunAsync(host);
        await host.StopAsync();

        Assert.Equal([("metrics", errorType), ("traces", errorType)], failures.Seen.Order());
        var line = Assert.Single(logs.Lines, l => l.Contains("Telemetry is being lost", StringComparison.Ordinal));
        Assert.Contains(errorType, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_fails_keeps_no_other_one_out_of_the_log()
    {
        await using var traces = await OtlpReceiver.StartAsync(503);
        await using var metrics = await OtlpReceiver.StartAsync(503);
        using var logs = new LogLines();
        await using var host = await TelemetryHost.StartAsync(
            [.. TelemetryHost.HttpTo(metrics), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", traces.HttpEndpoint), ("OTEL_LOGS_EXPORTER", "none")], logs: logs);

        await RunSpanTests.RunAsync(host);
        await host.StopAsync();

        var lines = logs.Lines.Where(l => l.Contains("Telemetry is being lost", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Contains(lines, l => l.Contains("export of traces", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("export of metrics", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_in_grpcs_own_words_is_counted_by_its_status()
    {
        await using var receiver = await OtlpReceiver.StartAsync(grpcStatus: 8);
        using var failures = new FailureCount();
        await using var host = await TelemetryHost.StartAsync(
            [.. TelemetryHost.GrpcTo(receiver), ("OTEL_METRICS_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "none")]);

        await RunSpanTests.RunAsync(host);
        await host.StopAsync();

        Assert.Equal([("traces", "resource_exhausted")], failures.Seen);
    }

    [Fact]
    public async Task A_dead_collector_is_counted_as_unreachable()
    {
        using var collector = BrokenCollector.Start("dead");
        using var failures = new FailureCount();
        await using var host = await TelemetryHost.StartAsync(
            [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Endpoint), ("OTEL_METRICS_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "none")]);

        await RunSpanTests.RunAsync(host);
        await host.StopAsync();

        Assert.Equal([("traces", "unreachable")], failures.Seen);
    }

    /// <summary>A port without a listener, without an answer, or one where each connection is cut.</summary>
    private sealed class BrokenCollector : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public string Endpoint { get; private set; } = "";

        public static BrokenCollector Start(string how)
        {
            var collector = new BrokenCollector();
            collector._listener.Start();
            collector.Endpoint = $"http://{collector._listener.LocalEndpoint}";
            if (how == "dead") collector._listener.Stop();
            if (how == "breaking") _ = collector.BreakAsync();
            return collector;
        }

        public void Dispose() => _listener.Dispose();

        private async Task BreakAsync()
        {
            try
            {
                while (true) (await _listener.AcceptSocketAsync()).Dispose();
            }
            catch (SocketException)
            {
                // The test is over.
            }
            catch (ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
