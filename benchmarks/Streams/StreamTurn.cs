namespace PluginHost.Benchmarks.Streams;

/// <summary>What many open streams cost a server in another process.</summary>
/// <param name="Cpu">Microseconds of the server's processor time a chunk.</param>
/// <param name="FirstToken">The median of the time from the model's first token to its arrival at the caller, in milliseconds.</param>
/// <param name="FirstTokenP99">The 99th percentile of that.</param>
/// <param name="Kilobytes">Resident memory a stream.</param>
internal readonly record struct StreamTurn(double Cpu, double FirstToken, double FirstTokenP99, double Kilobytes)
{
    /// <summary>The part of the streams that run before the measurement, so that the server's code is compiled.</summary>
    private const int WarmUpPart = 10;

    /// <summary>The streams begin one after the other within this time, so that their chunks do not come all at once.</summary>
    private static readonly TimeSpan Ramp = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(0.5);

    /// <summary>Measures a new server.</summary>
    /// <param name="server">A server with <see cref="PacedStub"/>.</param>
    /// <param name="streams">The number of streams that are open at once.</param>
    /// <param name="warmUp">For how long fewer streams are read before.</param>
    /// <param name="duration">The duration of the measurement, while all streams are open.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<StreamTurn> MeasureAsync(ServerProcess server, int streams, TimeSpan warmUp, TimeSpan duration, CancellationToken cancellationToken)
    {
        var before = Math.Max(1, streams / WarmUpPart);
        await new StreamLoad(server.Address, before, CountChunks(warmUp)).RunAsync(TimeSpan.Zero, cancellationToken);
        var memory = server.Megabytes;

        var load = new StreamLoad(server.Address, streams, CountChunks(Ramp + Margin + duration + Margin));
        var running = load.RunAsync(Ramp, cancellationToken);
        await Task.WhenAny(running, Task.Delay(Ramp + Margin, cancellationToken));
        var (cpu, chunks) = (server.Cpu, load.Chunks);
        await Task.WhenAny(running, Task.Delay(duration, cancellationToken));
        (cpu, chunks, memory) = (server.Cpu - cpu, load.Chunks - chunks, server.Megabytes - memory);
        var firstTokens = await running;
        // What the first streams took stays with the process.
        var added = Math.Max(1, streams - before);
        return new(cpu.TotalMicroseconds / chunks, Statistics.Median(firstTokens), Statistics.Quantile(firstTokens, 0.99), memory * 1024 / added);
    }

    private static int CountChunks(TimeSpan duration) => (int)Math.Ceiling(duration / PacedStub.Pace);
}
