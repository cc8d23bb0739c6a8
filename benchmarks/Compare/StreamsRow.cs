using PluginHost.Benchmarks.Http;
using PluginHost.Benchmarks.Streams;

namespace PluginHost.Benchmarks.Compare;

/// <summary>Many streams at once of a model that waits before each chunk: the host's API in memory, and a minimal handler that sends the same chunks, each in a new process.</summary>
internal static class StreamsRow
{
    public static async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        var turns = await Turns.TakeAsync<StreamTurn>(
            [() => MeasureAsync(ServeCommand.PacedHost), () => MeasureAsync(ServeCommand.PacedBare)], TimeSpan.Zero, options.Rounds);
        var work = $"{options.Streams} paced streams";
        const string peer = "bare SSE";
        return
        [
            Comparison.Of(work, "CPU, µs a chunk", peer, turns[0], turns[1], t => t.Cpu, Target.RatioOfAtMost(1.3)),
            Comparison.Of(work, "first token, median, ms", peer, turns[0], turns[1], t => t.FirstToken),
            Comparison.Of(work, "first token, p99, ms", peer, turns[0], turns[1], t => t.FirstTokenP99, Target.ValueOfAtMost(5)),
            Comparison.Of(work, "memory, kB a stream", peer, turns[0], turns[1], t => t.Kilobytes, Target.ValueOfAtMost(25)),
        ];

        async Task<StreamTurn> MeasureAsync(string kind)
        {
            await using var site = new CompareSite(options);
            var server = await site.StartPeerAsync(kind, RunningServer.FreePort, [], cancellationToken);
            return await StreamTurn.MeasureAsync(server, options.Streams, TimeSpan.FromSeconds(options.WarmUp), TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        }
    }
}
