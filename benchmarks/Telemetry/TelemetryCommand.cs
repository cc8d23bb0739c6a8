using System.CommandLine;
using System.Diagnostics;
using OpenTelemetry.Trace;
using PluginHost.Benchmarks.Runs;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry;
using PluginHost.Telemetry.Metrics;
using PluginHost.Telemetry.RunTraces;

namespace PluginHost.Benchmarks.Telemetry;

/// <summary>
/// The command <c>telemetry</c>. It measures the cost of telemetry for the same engine, stub model and five plugins: without
/// instrumentation, with instrumentation but no listener, with kept traces, and with all traces and metrics exported to a collector. It also measures
/// the same spans and measurements made and exported without the host, which is what the OpenTelemetry SDK itself costs.
/// </summary>
internal static class TelemetryCommand
{
    private const int Plugins = 5;
    private const int History = 10;
    private const int RunsPerFlush = 100;

    private readonly record struct Cost(double Microseconds, double Cpu, double Bytes);

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "The number of turns of each variant.", DefaultValueFactory = _ => 15 };
        var sessions = new Option<int>("--runs") { Description = "The number of runs in a turn: so many that each variant collects garbage.", DefaultValueFactory = _ => 12_000 };
        var host = new Option<FileInfo>("--host") { Description = "The host's pluginhost.dll. With it, durable runs over HTTP are measured." };
        var configuration = new Option<FileInfo>("--config") { Description = "The host's configuration file.", DefaultValueFactory = _ => new("config/appsettings.json") };
        host.AcceptExistingOnly();
        var seconds = IntegerOption.Create("--seconds", 3, 1, "With --host: the duration of a turn in seconds.");
        var warmUp = IntegerOption.Create("--warm-up", 30, 1, "With --host: the duration of each host's warm-up in seconds.");
        var explains = new Option<bool>("--explain") { Description = "With --host: measure explanations instead." };
        var command = new Command("telemetry", "Measure the cost of telemetry: without a listener, per exported span, and with --host of durable runs.") { rounds, sessions, host, configuration, seconds, warmUp, explains };
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(host) is { } assembly
            ? new DurableRuns(assembly.FullName, parsed.GetValue(configuration)!.FullName, parsed.GetValue(rounds), parsed.GetValue(seconds), parsed.GetValue(warmUp), parsed.GetValue(explains))
                .MeasureAsync(parsed.InvocationConfiguration.Output, cancellationToken)
            : RunAsync(parsed.GetValue(rounds), parsed.GetValue(sessions), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int rounds, int runs, TextWriter output)
    {
        using var instruments = new TelemetryInstruments();
        var observer = new TelemetryObserver(instruments, TimeProvider.System);
        var spans = await RecordSpansAsync(observer);
        using var keeping = new TelemetryInstruments();
        using var kept = new RunTraceListener(keeping, new KeptTraces(100), new TraceRateLimiter(TimeProvider.System, 100));
        var keeper = new TelemetryObserver(keeping, TimeProvider.System);
        List<Cost>[] costs = [[], [], [], [], []];
        await using var sink = await CollectorSink.StartAsync();
        for (var round = -5; round < rounds; round++)
        {
            // The order alternates, because a later measurement finds a warmer machine.
            var none = Math.Abs(round) % 2 == 0 ? await MeasureAsync(HostObserver.None, runs) : default;
            var noListener = await MeasureAsync(observer, runs);
            if (none == default) none = await MeasureAsync(HostObserver.None, runs);
            var keeps = await MeasureAsync(keeper, runs);
            var exported = await MeasureExportAsync(sink.Address, runs, spans: null);
            var replayed = await MeasureExportAsync(sink.Address, runs, spans);
            if (round < 0) continue;
            costs[0].Add(none);
            costs[1].Add(noListener);
            costs[2].Add(exported);
            costs[3].Add(replayed);
            costs[4].Add(keeps);
        }

        await WriteAsync(output, costs, spans.Count);
    }

    private static async Task WriteAsync(TextWriter output, List<Cost>[] costs, int spans)
    {
        await output.WriteLineAsync("| telemetry | µs per run | µs of CPU per run | bytes per run |\n|---|--:|--:|--:|");
        string[] names = ["no instrumentation", "no listener", $"{spans} spans and all metrics, exported", "the same spans and metrics without the host", "kept traces, nothing exported"];
        for (var i = 0; i < costs.Length; i++)
            await output.WriteLineAsync($"| {names[i]} | {Median(costs[i], c => c.Microseconds):0.00} | {Median(costs[i], c => c.Cpu):0.00} | {Median(costs[i], c => c.Bytes):0} |");
        var ratio = Statistics.Median(costs[0].Zip(costs[1], (none, noListener) => noListener.Cpu / none.Cpu));
        var perSpan = Statistics.Median(costs[1].Zip(costs[2], (noListener, exported) => (exported.Cpu - noListener.Cpu) / spans));
        var keptRatios = costs[0].Zip(costs[4], (none, keeps) => keeps.Cpu / none.Cpu).ToList();
        var withoutHost = Median(costs[3], c => c.Cpu / spans);
        await output.WriteLineAsync(
            $"\nno listener / no instrumentation: {ratio:0.000}; kept traces / no instrumentation: {Statistics.Median(keptRatios):0.000} ({keptRatios.Min():0.000} – {keptRatios.Max():0.000}); "
            + $"CPU per exported span: {perSpan:0.00} µs, without the host: {withoutHost:0.00} µs, beyond that: {perSpan - withoutHost:0.00} µs");
    }

    private static async Task<Cost> MeasureExportAsync(string endpoint, int runs, SpanReplay? spans)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(
        [
            new("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), new("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), new("OTEL_LOGS_EXPORTER", "none"),
        ]);
        builder.AddHostTelemetry();
        using var host = builder.Build();
        await host.StartAsync();
        var observer = host.Services.GetRequiredService<HostObserver>();
        var traces = host.Services.GetRequiredService<TracerProvider>();
        await using var engine = spans is null ? new HostRun(Plugins, observer: observer) : null;
        if (engine is not null) await engine.PrepareAsync(History, runs);
        return await MeasureAsync(
            async i =>
            {
                if (engine is not null) await engine.RunAsync(i);
                else spans!.Play();
                // Runs arrive far faster than in a real host. Without a flush the exporter would drop spans, which lowers the
                // cost, or keep them across garbage collections, which raises it.
                if (i % RunsPerFlush == 0) traces.ForceFlush();
            },
            runs,
            () => host.StopAsync());
    }

    private static async Task<Cost> MeasureAsync(HostObserver observer, int runs)
    {
        await using var host = new HostRun(Plugins, observer: observer);
        await host.PrepareAsync(History, runs);
        return await MeasureAsync(host.RunAsync, runs, finish: null);
    }

    private static async Task<Cost> MeasureAsync(Func<int, Task> run, int runs, Func<Task>? finish)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (cpu, bytes, begin) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        for (var i = 0; i < runs; i++) await run(i);
        var time = Stopwatch.GetElapsedTime(begin);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        // The cost includes sending the spans that are still queued.
        if (finish is not null) await finish();
        cpu = Environment.CpuUsage.TotalTime - cpu;
        return new(time.TotalMicroseconds / runs, cpu.TotalMicroseconds / runs, (double)bytes / runs);
    }

    private static async Task<SpanReplay> RecordSpansAsync(HostObserver observer)
    {
        await using var host = new HostRun(Plugins, observer: observer);
        await host.PrepareAsync(History, 1);
        return await SpanReplay.RecordAsync(() => host.RunAsync(0));
    }

    private static double Median(List<Cost> costs, Func<Cost, double> select) => Statistics.Median(costs.Select(select));
}
