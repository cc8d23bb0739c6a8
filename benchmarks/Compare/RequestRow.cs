using PluginHost.Benchmarks.OpenAI;

namespace PluginHost.Benchmarks.Compare;

/// <summary>Requests to the host with its in-memory stores and to a minimal handler that returns the same members, both in this process.</summary>
internal sealed class RequestRow(BenchmarkRequest request, double target)
{
    public async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        var model = new TimedStub();
        await using var host = await HostServer.StartAsync(model);
        await using var handler = await MinimalServer.StartAsync(model);
        var turns = await Turns.TakeAsync(
            [.. new[] { host.Port, handler.Port }.Select(Func<Task<TurnCost>> (port) => () =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return TurnCost.MeasureAsync(port, request, TimeSpan.FromSeconds(options.Seconds));
            })],
            TimeSpan.FromSeconds(options.WarmUp),
            options.Rounds);
        var work = $"in memory over HTTP: {request.Name}";
        const string peer = "stub handler";
        return
        [
            Comparison.Of(work, "requests/s", peer, turns[0], turns[1], t => t.Rate, Target.RatioOfAtLeast(target)),
            Comparison.Of(work, "CPU with the caller, µs a request", peer, turns[0], turns[1], t => t.Cpu),
            Comparison.Of(work, "bytes a request", peer, turns[0], turns[1], t => t.Bytes),
        ];
    }
}
