using System.CommandLine;
using System.Diagnostics;
using OpenTelemetry.Trace;
using PluginHost.Benchmarks.Runs;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry;
using PluginHost.Telemetry.Metrics;

namespace PluginHost.Benchmarks.Telemetry;

/// <summary>
/// <c>telemetry</c>: what observing a run costs. The same engine, stub model and five plugins by turns: without instrumentation,
/// with it and no listener, and with full traces and metrics that are exported in batches to a collector. Beside them, the same spans
/// made and exported by the SDK alone: less than that no host can take.
/// </summary>
internal static class TelemetryCommand
{
    private const int Plugins = 5;
    private const int History = 10;
    private const int RunsToFlush = 100;

    private readonly record struct Cost(double Microseconds, double Cpu, double Bytes);

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "How often each has its turn.", DefaultValueFactory = _ => 21 };
        var sessions = new Option<int>("--runs") { Description = "Runs in a turn.", DefaultValueFactory = _ => 4000 };
        var command = new Command("telemetry", "Cost of telemetry: with no listener, and for each exported span.") { rounds, sessions };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(rounds), parsed.GetValue(sessions), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int rounds, int runs, TextWriter output)
    {
        using var instruments = new TelemetryInstruments();
        var silent = new TelemetryObserver(instruments, TimeProvider.System);
        var spans = await RecordSpansAsync(silent);
        List<Cost>[] costs = [[], [], [], []];
        await using var sink = await CollectorSink.StartAsync();
        for (var round = -5; round < rounds; round++)
        {
            // The order changes, because whoever comes later finds the machine warmer.
            var none = Math.Abs(round) % 2 == 0 ? await MeasureAsync(HostObserver.None, runs) : default;
            var quiet = await MeasureAsync(silent, runs);
            if (none == default) none = await MeasureAsync(HostObserver.None, runs);
            var full = await MeasureExportAsync(sink.Address, runs, spans: null);
            var alone = await MeasureExportAsync(sink.Address, runs, spans);
            if (round < 0) continue;
            costs[0].Add(none);
            costs[1].Add(quiet);
            costs[2].Add(full);
            costs[3].Add(alone);
        }

        await WriteAsync(output, costs, spans.Count);
    }

    private static async Task WriteAsync(TextWriter output, List<Cost>[] costs, int spans)
    {
        await output.WriteLineAsync("| telemetry | µs per run | µs of CPU per run | bytes per run |\n|---|--:|--:|--:|");
        string[] names = ["none compiled in", "no listener", $"{spans} spans and all metrics, exported", "the same spans by the SDK alone"];
        for (var i = 0; i < costs.Length; i++)
            await output.WriteLineAsync($"| {names[i]} | {Median(costs[i], c => c.Microseconds):0.00} | {Median(costs[i], c => c.Cpu):0.00} | {Median(costs[i], c => c.Bytes):0} |");
        var ratio = Median([.. costs[0].Zip(costs[1], (none, quiet) => quiet.Cpu / none.Cpu)], r => r);
        var perSpan = Median([.. costs[1].Zip(costs[2], (quiet, full) => (full.Cpu - quiet.Cpu) / spans)], c => c);
        await output.WriteLineAsync($"\nno listener beside none: {ratio:0.000}; CPU per exported span: {perSpan:0.00} µs, by the SDK alone: {Median(costs[3], c => c.Cpu / spans):0.00} µs");
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
                // Runs come far faster here than any host has them. What is behind would be dropped, which costs too little, or
                // kept through collections of garbage, which costs too much.
                if (i % RunsToFlush == 0) traces.ForceFlush();
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
        // What waits in queues has to be sent too, and counts.
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

    private static double Median<T>(IReadOnlyList<T> values, Func<T, double> select) => values.Select(select).Order().ElementAt(values.Count / 2);
}
