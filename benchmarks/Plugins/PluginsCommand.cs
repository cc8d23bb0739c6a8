using System.CommandLine;

namespace PluginHost.Benchmarks.Plugins;

/// <summary>
/// The command <c>plugins</c>. It measures what the plugins cost a run, each alone and all together, and what <c>mcp</c> adds to the call of a tool. It creates
/// files below <c>artifacts</c> in the working directory and deletes them.
/// </summary>
internal static class PluginsCommand
{
    public static Command Create()
    {
        var rounds = IntegerOption.Create("--rounds", 11, 1, "The number of turns of each chain.");
        var warmUp = IntegerOption.Create("--warm-up", 8, 1, "The number of turns before that, for the just-in-time compiler.");
        var runs = IntegerOption.Create("--runs", 500, 1, "The number of runs in a turn.");
        var calls = IntegerOption.Create("--calls", 3_000, 1, "The number of calls of an MCP tool, with the plugin and without.");
        var only = new Option<string>("--only") { Description = "The one chain to measure, for a profile. Default: all, and the calls of a tool." };
        only.AcceptOnlyFromAmong([.. ChainMeasurement.Names]);
        var command = new Command("plugins", "Measure what mcp, knowledge, memory, budget, redaction and compaction cost a run.") { rounds, warmUp, runs, calls, only };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await ChainMeasurement.RunAsync(
                parsed.GetValue(rounds), parsed.GetValue(warmUp), parsed.GetValue(runs), parsed.GetValue(only), parsed.InvocationConfiguration.Output, cancellationToken);
            if (parsed.GetValue(only) is null) await CallMeasurement.RunAsync(parsed.GetValue(calls), parsed.InvocationConfiguration.Output, cancellationToken);
        });
        return command;
    }
}
