using PluginHost.Benchmarks.Http;
using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.Compare;

/// <summary>
/// Durable runs over HTTP: the host with both SQLite stores and its echo model, the handler written by hand ("plain"), and the same with windows in memory ("hot"),
/// each in its own process.
/// </summary>
internal sealed class DurableRow(int connections, int messages)
{
    /// <summary>The lowest accepted ratio of the rate to that of "hot"; null for no target.</summary>
    public double? OfHot { get; init; }

    /// <summary>The highest accepted processor time of the host, in microseconds a run.</summary>
    public double? Cpu { get; init; }

    /// <summary>What the host may write at most, in kilobytes a run.</summary>
    public double? Kilobytes { get; init; }

    /// <summary>The highest accepted ratio of that to "plain".</summary>
    public double? KilobytesOfPlain { get; init; }

    public async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        await using var site = new CompareSite(options);
        ServerProcess[] servers =
        [
            await site.StartHostAsync(HostForm.Sqlite, null, cancellationToken),
            await site.StartPeerAsync(ServeCommand.Baseline, cancellationToken),
            await site.StartPeerAsync(ServeCommand.Hot, cancellationToken),
        ];
        var turns = await Turns.TakeAsync(
            [.. servers.Select(Func<Task<ServerTurn>> (server) => () => ServerTurn.MeasureAsync(server, connections, messages, options.Seconds, cancellationToken))],
            TimeSpan.FromSeconds(options.WarmUp),
            options.Rounds);
        var (host, plain, hot) = (turns[0], turns[1], turns[2]);
        var work = $"durable runs, {connections} connections, {messages} messages";
        return
        [
            Comparison.Of(work, "requests/s", "hot", host, hot, t => t.Rate, OfHot is { } rate ? Target.RatioOfAtLeast(rate) : null),
            Comparison.Of(work, "requests/s", "plain", host, plain, t => t.Rate),
            Comparison.Of(work, "p99, ms", "plain", host, plain, t => t.P99, Target.RatioOfAtMost(1)),
            Comparison.Of(work, "p99, ms", "hot", host, hot, t => t.P99),
            Comparison.Of(work, "CPU, µs a run", "hot", host, hot, t => t.Cpu, Cpu is { } cpu ? Target.ValueOfAtMost(cpu) : null),
            Comparison.Of(work, "CPU, µs a run", "plain", host, plain, t => t.Cpu),
            KilobytesOfPlain is { } ofPlain
                ? Comparison.Of(work, "written, kB a run", "plain", host, plain, t => t.Kilobytes, Target.RatioOfAtMost(ofPlain))
                : Comparison.Of(work, "written, kB a run", "hot", host, hot, t => t.Kilobytes, Kilobytes is { } most ? Target.ValueOfAtMost(most) : null),
        ];
    }
}
