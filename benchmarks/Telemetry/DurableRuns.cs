using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.Telemetry;

/// <summary>
/// Durable runs over HTTP of the real host in three forms at the same time: without telemetry, with kept traces, and exporting by OTLP; or
/// without explanations, with those of some runs, and with those of all. They take turns, so that a machine that becomes slower changes all of them.
/// </summary>
internal sealed class DurableRuns(string hostAssembly, string configuration, int rounds, int seconds, int warmUpSeconds, bool explains)
{
    private const int Connections = 16;

    public async Task MeasureAsync(TextWriter output, CancellationToken cancellationToken)
    {
        await using var sink = await CollectorSink.StartAsync();
        (string Name, (string, string)[] Variables)[] forms = explains ?
        [
            ("no explanations", [("Explain__Enabled", "false")]),
            ("100 a second explained", []),
            ("every run explained", [("Explain__RunsPerSecond", "1000000")]),
        ] :
        [
            ("no telemetry", [("Telemetry__KeptTraces", "0")]),
            ("kept traces", []),
            ("exported by OTLP", sink.Variables),
        ];
        var hosts = new List<HostProcess>();
        var folder = Directory.CreateTempSubdirectory("pluginhost-telemetry-");
        try
        {
            foreach (var (name, variables) in forms) hosts.Add(await StartAsync(folder.CreateSubdirectory(name.Replace(' ', '-')).FullName, variables, cancellationToken));
            foreach (var host in hosts) await LoadAsync(host, warmUpSeconds, cancellationToken);
            var turns = await Turns.TakeAsync([.. hosts.Select(Func<Task<ServerTurn>> (host) => () => LoadAsync(host, seconds, cancellationToken))], TimeSpan.Zero, rounds);
            await WriteAsync(output, [.. forms.Select(f => f.Name)], turns);
            foreach (var host in hosts) await host.StopAsync();
        }
        finally
        {
            foreach (var host in hosts) await host.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    private Task<HostProcess> StartAsync(string folder, (string Name, string Value)[] variables, CancellationToken cancellationToken) => HostProcess.StartAsync(
        hostAssembly, configuration, folder, variables.Append(("Server__RequestsPerSecond", "1000000")).Select(v => KeyValuePair.Create(v.Item1, v.Item2)), cancellationToken);

    private static Task<ServerTurn> LoadAsync(HostProcess host, int seconds, CancellationToken cancellationToken) =>
        ServerTurn.MeasureAsync(host, Connections, 0, seconds, cancellationToken);

    private static async Task WriteAsync(TextWriter output, IReadOnlyList<string> names, List<ServerTurn>[] turns)
    {
        await output.WriteLineAsync("| durable runs | runs/s | of those without | µs of CPU per run | more than without |\n|---|--:|--:|--:|--:|");
        for (var i = 0; i < turns.Length; i++)
        {
            var rate = turns[0].Zip(turns[i], (without, with) => with.Rate / without.Rate).ToList();
            var cpu = turns[0].Zip(turns[i], (without, with) => with.Cpu / without.Cpu).ToList();
            await output.WriteLineAsync(
                $"| {names[i]} | {Statistics.Median(turns[i].Select(t => t.Rate)):0} | {Spread(rate)} | {Statistics.Median(turns[i].Select(t => t.Cpu)):0} | {Spread(cpu)} |");
        }
    }

    private static string Spread(List<double> ratios) => $"{Statistics.Median(ratios):0.000} ({ratios.Min():0.000} – {ratios.Max():0.000})";
}
