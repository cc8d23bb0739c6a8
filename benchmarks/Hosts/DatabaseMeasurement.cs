using System.Diagnostics;
using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.Hosts;

/// <summary>Durable runs over HTTP through one host, and the same statements by pgbench, in turns.</summary>
internal static class DatabaseMeasurement
{
    public const int Connections = 32;

    public static async Task RunAsync(HostGroup group, HostsOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var host = await group.StartAsync("one", cancellationToken);
        await LoadAsync(host, 3 * options.Seconds, cancellationToken);
        using var pgbench = await PgBench.CreateAsync(group, options, cancellationToken);
        await pgbench.RunAsync(options.Seconds, cancellationToken);
        var (runs, transactions, hostCpu, databaseCpu) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < options.Rounds; round++)
        {
            var (cpu, database) = (host.Cpu, ReadDatabaseCpu());
            var result = await LoadAsync(host, options.Seconds, cancellationToken);
            runs.Add(result.Latencies.Length / result.Seconds);
            hostCpu.Add((host.Cpu - cpu).TotalMicroseconds / result.Latencies.Length);
            databaseCpu.Add((ReadDatabaseCpu() - database).TotalMicroseconds / result.Latencies.Length);
            transactions.Add(await pgbench.RunAsync(options.Seconds, cancellationToken));
        }

        double[] ratios = [.. runs.Zip(transactions, static (a, b) => a / b)];
        await output.WriteLineAsync($"| {Connections} connections | per second | of pgbench | µs of CPU a run, host | database |\n|---|--:|--:|--:|--:|");
        await output.WriteLineAsync($"| pgbench | {Statistics.Median(transactions):0} | 1 | | |");
        await output.WriteLineAsync(
            $"| durable runs over HTTP | {Statistics.Median(runs):0} | {Statistics.Median(ratios):0.00} ({ratios.Min():0.00} – {ratios.Max():0.00}) | {Statistics.Median(hostCpu):0} | {Statistics.Median(databaseCpu):0} |\n");
    }

    private static async Task<LoadResult> LoadAsync(HostProcess host, int seconds, CancellationToken cancellationToken)
    {
        using var load = new LoadRun(new LoadOptions(host.Address, Connections, seconds, 0, 0, "assistant", null));
        var result = await load.RunAsync(cancellationToken);
        return result.Errors.Count == 0 ? result : throw new InvalidOperationException($"Requests failed: {string.Join(", ", result.Errors)}");
    }

    /// <summary>The processor time of all servers of this machine; zero if there are none.</summary>
    private static TimeSpan ReadDatabaseCpu()
    {
        var sum = TimeSpan.Zero;
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    // The process of a connection may have a name that begins with this.
                    if (process.ProcessName.StartsWith("postgres", StringComparison.Ordinal)) sum += process.TotalProcessorTime;
                }
                catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It has ended.
                }
            }
        }

        return sum;
    }
}
