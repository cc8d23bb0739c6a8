using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.Compare;

/// <summary>Durable runs over HTTP of the host with stores of files, and with SQLite stores.</summary>
internal static class FileStoresRow
{
    private const int Connections = 32, Messages = 100;

    public static async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        await using var site = new CompareSite(options);
        ServerProcess[] servers = [await site.StartHostOnFilesAsync(cancellationToken), await site.StartHostAsync(null, cancellationToken)];
        var turns = await Turns.TakeAsync(
            [.. servers.Select(Func<Task<ServerTurn>> (server) => () => ServerTurn.MeasureAsync(server, Connections, Messages, options.Seconds, cancellationToken))],
            TimeSpan.FromSeconds(options.WarmUp),
            options.Rounds);
        const string work = "durable runs in files, 32 connections", peer = "SQLite stores";
        return
        [
            Comparison.Of(work, "requests/s", peer, turns[0], turns[1], t => t.Rate, Target.RatioOfAtLeast(0.6)),
            Comparison.Of(work, "p99, ms", peer, turns[0], turns[1], t => t.P99),
            Comparison.Of(work, "CPU, µs a run", peer, turns[0], turns[1], t => t.Cpu),
        ];
    }
}
