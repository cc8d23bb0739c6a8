using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>What the requests of one turn cost the process, in which server and callers run.</summary>
/// <param name="Rate">Requests a second.</param>
/// <param name="Cpu">Microseconds of the processor a request.</param>
/// <param name="Bytes">Bytes allocated a request.</param>
/// <param name="Pauses">The part of the time in which the garbage collector stopped all threads.</param>
internal sealed record TurnCost(double Rate, double Cpu, double Bytes, double Pauses)
{
    private const int Connections = 16;

    /// <summary>Sends a request again and again over some connections to a server of this process.</summary>
    public static async Task<TurnCost> MeasureAsync(int port, BenchmarkRequest request, TimeSpan duration)
    {
        GC.Collect();
        var before = TurnMark.Now();
        using var stop = new CancellationTokenSource(duration);
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            var bytes = request.CreateBytes();
            using var connection = await RawConnection.OpenAsync("127.0.0.1", port);
            var count = 0;
            for (; !stop.IsCancellationRequested; count++) await connection.SendAsync(bytes);
            return count;
        })));
        return TurnMark.Now().Since(before, counts.Sum());
    }

    public static TurnCost MedianOf(IReadOnlyList<TurnCost> turns) => new(
        Statistics.Median([.. turns.Select(static t => t.Rate)]),
        Statistics.Median([.. turns.Select(static t => t.Cpu)]),
        Statistics.Median([.. turns.Select(static t => t.Bytes)]),
        Statistics.Median([.. turns.Select(static t => t.Pauses)]));
}
