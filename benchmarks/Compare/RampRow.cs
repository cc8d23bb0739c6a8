using PluginHost.Benchmarks.Http;
using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.Compare;

/// <summary>New processes under load: the seconds until the rate of one second reaches nine tenths of the rate at the end.</summary>
internal static class RampRow
{
    private const int Connections = 32, Messages = 100;
    private const double Part = 0.9;

    private readonly record struct Ramp(double Seconds, double FirstPart);

    public static async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        var turns = await Turns.TakeAsync<Ramp>(
            [
                () => MeasureAsync(options, site => site.StartHostAsync(HostForm.Sqlite, null, cancellationToken), cancellationToken),
                () => MeasureAsync(options, site => site.StartPeerAsync(ServeCommand.Baseline, cancellationToken), cancellationToken),
            ],
            TimeSpan.Zero,
            options.Rounds);
        var work = $"a new process, {options.RampSeconds} s of load";
        return
        [
            Comparison.Of(work, "seconds until full speed", "plain", turns[0], turns[1], t => t.Seconds, Target.ValueOfAtMost(3)),
            Comparison.Of(work, "part of full speed in the first 3 s", "plain", turns[0], turns[1], t => t.FirstPart),
        ];
    }

    private static async Task<Ramp> MeasureAsync(CompareOptions options, Func<CompareSite, Task<ServerProcess>> start, CancellationToken cancellationToken)
    {
        await using var site = new CompareSite(options);
        var server = await start(site);
        using var load = new LoadRun(new LoadOptions(server.Address, Connections, options.RampSeconds, 0, Messages, "assistant", null));
        var result = await load.RunAsync(cancellationToken);
        if (result.Errors.Count > 0) throw new InvalidOperationException($"Requests failed: {string.Join(", ", result.Errors)}");
        var perSecond = result.PerSecond;
        var full = Statistics.Median(perSecond.TakeLast(Math.Max(1, perSecond.Length / 6)).Select(n => (double)n));
        return new(1 + Array.FindIndex(perSecond, n => n >= Part * full), perSecond.Take(3).Average() / full);
    }
}
