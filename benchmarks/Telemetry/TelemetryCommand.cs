using System.CommandLine;
using System.Diagnostics;
using PluginHost.Benchmarks.Runs;
using PluginHost.Pipeline;
using PluginHost.Telemetry;

namespace PluginHost.Benchmarks.Telemetry;

/// <summary>
/// <c>telemetry</c>: what observing a run costs. The same engine, stub model and five plugins by turns: without instrumentation,
/// with it and no listener, and with full traces and metrics that are exported in batches to a collector.
/// </summary>
internal static class TelemetryCommand
{
    private const int Plugins = 5;
    private const int History = 10;

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
        var spans = await CountSpansAsync(silent);
        List<Cost>[] costs = [[], [], []];
        await using var sink = await CollectorSink.StartAsync();
        for (var round = -5; round < rounds; round++)
        {
            // The order changes, because whoever comes later finds the machine warmer.
            var none = Math.Abs(round) % 2 == 0 ? await MeasureAsync(HostObserver.None, runs) : default;
            var quiet = await MeasureAsync(silent, runs);
            if (none == default) none = await MeasureAsync(HostObserver.None, runs);
            var full = await MeasureExportAsync(sink.Address, runs);
            if (round < 0) continue;
            costs[0].Add(none);
            costs[1].Add(quiet);
            costs[2].Add(full);
        }

        await WriteAsync(output, costs, spans);
    }

    private static async Task WriteAsync(TextWriter output, List<Cost>[] costs, int spans)
    {
        await output.WriteLineAsync("| telemetry | µs per run | µs of CPU per run | bytes per run |\n|---|--:|--:|--:|");
        string[] names = ["none compiled in", "no listener", $"{spans} spans and all metrics, exported"];
        for (var i = 0; i < costs.Length; i++)
            await output.WriteLineAsync($"| {names[i]} | {Median(costs[i], c => c.Microseconds):0.00} | {Median(costs[i], c => c.Cpu):0.00} | {Median(costs[i], c => c.Bytes):0} |");
        var ratio = Median([.. costs[0].Zip(costs[1], (none, quiet) => quiet.Cpu / none.Cpu)], r => r);
        var perSpan = Median([.. costs[1].Zip(costs[2], (quiet, full) => (full.Cpu - quiet.Cpu) / spans)], c => c);
        await output.WriteLineAsync($"\nno listener beside none: {ratio:0.000}; CPU per exported span: {perSpan:0.00} µs");
    }

    private static async Task<Cost> MeasureExportAsync(string endpoint, int runs)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(
        [
            new("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), new("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), new("OTEL_LOGS_EXPORTER", "none"),
            // Runs come far faster here than any host has them: a span that is dropped would cost too little.
            new("OTEL_BSP_MAX_QUEUE_SIZE", "1000000"),
        ]);
        builder.AddHostTelemetry();
        using var host = builder.Build();
        await host.StartAsync();
        return await MeasureAsync(host.Services.GetRequiredService<HostObserver>(), runs, () => host.StopAsync());
    }

    private static async Task<Cost> MeasureAsync(HostObserver observer, int runs, Func<Task>? finish = null)
    {
        await using var host = new HostRun(Plugins, observer: observer);
        await host.PrepareAsync(History, runs);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (cpu, bytes, begin) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        for (var i = 0; i < runs; i++) await host.RunAsync(i);
        var time = Stopwatch.GetElapsedTime(begin);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        // What waits in queues has to be sent too, and counts.
        if (finish is not null) await finish();
        cpu = Environment.CpuUsage.TotalTime - cpu;
        return new(time.TotalMicroseconds / runs, cpu.TotalMicroseconds / runs, (double)bytes / runs);
    }

    private static async Task<int> CountSpansAsync(HostObserver observer)
    {
        var count = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("PluginHost", StringComparison.Ordinal),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ => Interlocked.Increment(ref count),
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = new HostRun(Plugins, observer: observer);
        await host.PrepareAsync(History, 1);
        await host.RunAsync(0);
        return count;
    }

    private static double Median<T>(IReadOnlyList<T> values, Func<T, double> select) => values.Select(select).Order().ElementAt(values.Count / 2);
}
