namespace PluginHost.Benchmarks.Load;

/// <summary>What the runs of one turn cost a server in another process.</summary>
/// <param name="Rate">Runs a second.</param>
/// <param name="P99">The 99th percentile of the latency, in milliseconds.</param>
/// <param name="Cpu">Microseconds of the server's processor time a run.</param>
/// <param name="Kilobytes">Kilobytes written to files a run.</param>
internal readonly record struct ServerTurn(double Rate, double P99, double Cpu, double Kilobytes)
{
    /// <summary>Sends runs to new sessions. Seeding them is not counted.</summary>
    /// <param name="server">The server.</param>
    /// <param name="connections">The number of concurrent requests. Each uses its own session.</param>
    /// <param name="messages">The number of messages in each session at the start.</param>
    /// <param name="seconds">The duration of the turn.</param>
    /// <param name="cancellationToken">Ends the turn.</param>
    /// <exception cref="InvalidOperationException">A request failed, or none was answered.</exception>
    public static async Task<ServerTurn> MeasureAsync(ServerProcess server, int connections, int messages, int seconds, CancellationToken cancellationToken)
    {
        using var load = new LoadRun(new LoadOptions(server.Address, connections, seconds, 0, messages, "assistant", null));
        await load.SeedAsync(cancellationToken);
        var (cpu, written) = (server.Cpu, server.Written);
        var result = await load.RunAsync(cancellationToken);
        var runs = result.Latencies.Length;
        if (result.Errors.Count > 0) throw new InvalidOperationException($"Requests failed: {string.Join(", ", result.Errors)}");
        if (runs == 0) throw new InvalidOperationException($"No run was answered within a turn of {seconds} s.");
        return new(result.Rate, result.Percentile(99), (server.Cpu - cpu).TotalMicroseconds / runs, (server.Written - written) / 1000d / runs);
    }
}
