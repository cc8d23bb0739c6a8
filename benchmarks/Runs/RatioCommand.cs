using System.CommandLine;

namespace PluginHost.Benchmarks.Runs;

/// <summary>
/// The command <c>ratio</c>. It measures the cost of a run. All contestants run in one process in alternating turns, so that other
/// load on the machine affects all of them. Prints the medians and their ratio to the first contestant.
/// </summary>
internal static class RatioCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "The number of turns of each contestant.", DefaultValueFactory = _ => 15 };
        var tokens = new Option<bool>("--tokens") { Description = "Compare loading within what the model takes with loading by count instead." };
        var command = new Command("ratio", "Compare the cost of a run with the peer at several history lengths.") { rounds, tokens };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(rounds), parsed.GetValue(tokens), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int rounds, bool tokens, TextWriter output)
    {
        IReadOnlyList<int> lengths = tokens ? [100, 10_000] : Contestants.HistoryLengths;
        await output.WriteLineAsync("| history | contestant | µs per run | ratio | bytes per run | ratio |\n|--:|---|--:|--:|--:|--:|");
        foreach (var length in lengths)
        {
            var contestants = tokens ? Contestants.CreateForTokens(length) : Contestants.Create();
            var costs = contestants.Select(_ => new List<RunCost>()).ToArray();
            // The first length needs enough rounds for the last tier of the just-in-time compiler.
            for (var round = length == lengths[0] ? -30 : -3; round < rounds; round++)
            {
                for (var i = 0; i < contestants.Count; i++)
                {
                    var cost = await RunCost.MeasureAsync(contestants[i], length);
                    if (round >= 0) costs[i].Add(cost);
                }
            }

            await WriteAsync(output, length, contestants, [.. costs.Select(RunCost.MedianOf)]);
        }
    }

    private static async Task WriteAsync(TextWriter output, int length, IReadOnlyList<IRunContestant> contestants, RunCost[] medians)
    {
        for (var i = 0; i < medians.Length; i++)
        {
            var (cost, first) = (medians[i], medians[0]);
            await output.WriteLineAsync(
                $"| {length} | {contestants[i].Name} | {cost.Microseconds:0.00} | {cost.Microseconds / first.Microseconds:0.00} | {cost.Bytes:0} | {cost.Bytes / first.Bytes:0.00} |");
        }
    }
}
