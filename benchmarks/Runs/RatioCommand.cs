using System.CommandLine;
using System.Diagnostics;

namespace PluginHost.Benchmarks.Runs;

/// <summary>
/// <c>ratio</c>: the cost of a run, all contestants in one process and by turns, so that what the machine does meanwhile hits them
/// alike. Prints the medians and their ratio to the first contestant.
/// </summary>
internal static class RatioCommand
{
    private readonly record struct Cost(double Microseconds, double Bytes);

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "How often each contestant has its turn.", DefaultValueFactory = _ => 15 };
        var command = new Command("ratio", "Cost of a run at several history lengths, as a ratio to the peer.") { rounds };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(rounds), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int rounds, TextWriter output)
    {
        var contestants = Contestants.Create();
        await output.WriteLineAsync("| history | contestant | µs per run | ratio | bytes per run | ratio |\n|--:|---|--:|--:|--:|--:|");
        foreach (var length in Contestants.HistoryLengths)
        {
            var costs = contestants.Select(_ => new List<Cost>()).ToArray();
            for (var round = -WarmUps(length); round < rounds; round++)
            {
                for (var i = 0; i < contestants.Count; i++)
                {
                    var cost = await MeasureAsync(contestants[i], length);
                    if (round >= 0) costs[i].Add(cost);
                }
            }

            await WriteAsync(output, length, contestants, [.. costs.Select(Median)]);
        }
    }

    /// <summary>Enough for the compiler's last tier at the first, shortest length.</summary>
    private static int WarmUps(int length) => length <= 10 ? 30 : 3;

    private static async Task<Cost> MeasureAsync(IRunContestant contestant, int length)
    {
        var sessions = length >= 10_000 ? 20 : length >= 1_000 ? 100 : 500;
        await contestant.PrepareAsync(length, sessions);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (bytes, begin) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        for (var i = 0; i < sessions; i++) await contestant.RunAsync(i);
        var time = Stopwatch.GetElapsedTime(begin);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        // A listener of one contestant would listen to the others too.
        await contestant.DisposeAsync();
        return new(time.TotalMicroseconds / sessions, (double)bytes / sessions);
    }

    private static Cost Median(List<Cost> costs) =>
        new(costs.Select(c => c.Microseconds).Order().ElementAt(costs.Count / 2), costs.Select(c => c.Bytes).Order().ElementAt(costs.Count / 2));

    private static async Task WriteAsync(TextWriter output, int length, IReadOnlyList<IRunContestant> contestants, Cost[] medians)
    {
        for (var i = 0; i < medians.Length; i++)
        {
            var (cost, first) = (medians[i], medians[0]);
            await output.WriteLineAsync(
                $"| {length} | {contestants[i].Name} | {cost.Microseconds:0.00} | {cost.Microseconds / first.Microseconds:0.00} | {cost.Bytes:0} | {cost.Bytes / first.Bytes:0.00} |");
        }
    }
}
