using System.Diagnostics;
using PluginHost.Benchmarks.Stores;

namespace PluginHost.Benchmarks.Plugins;

/// <summary>
/// Measures what plugins add to a run. Each row is an agent of one engine: the history alone, the history with one plugin, and with all of them. The agents take
/// turns, so that other load on the machine affects all of them.
/// </summary>
internal static class ChainMeasurement
{
    private const int Sessions = 16, Window = 50, Facts = 50;

    /// <summary>After so many runs of two messages, all windows of the history are full.</summary>
    private const int RunsOfFullWindows = Sessions * Window / 2;

    private const string History = """{ "Plugin": "sqlite-history", "Host": { "Window": 50 } }""";
    private const string Mcp = """{ "Plugin": "mcp" }""";
    private const string Knowledge = """{ "Plugin": "knowledge", "Options": { "Folders": ["documents"] } }""";
    private const string Memory = """{ "Plugin": "memory", "Options": { "Scope": "User" } }""";
    private const string Redaction = """{ "Plugin": "redaction" }""";
    private const string Compaction = """{ "Plugin": "compaction" }""";

    private const string Budget =
        """
        { "Plugin": "budget", "Options": { "Limits": [
          { "Measure": "Tokens", "Max": 1000000000, "Per": "User", "Window": "Day" }, { "Measure": "Money", "Max": 1000000, "Per": "Agent", "Window": "Month" } ] } }
        """;

    /// <summary>The rows. Those of several plugins come last.</summary>
    private static readonly Row[] Rows =
    [
        new("history", "the history alone", History),
        new("mcp", "with `mcp`", $"{History}, {Mcp}"),
        new("knowledge", "with `knowledge`", $"{History}, {Knowledge}"),
        new("memory", "with `memory`", $"{History}, {Memory}"),
        new("budget", "with `budget`", $"{Budget}, {History}"),
        new("redaction", "with `redaction`", $"{Redaction}, {History}"),
        new("compaction", "with `compaction`", $"{History}, {Compaction}"),
        new("four", "with `mcp`, `knowledge`, `memory` and `budget`", $"{Budget}, {History}, {Mcp}, {Knowledge}, {Memory}"),
        new("all", "with all six", $"{Budget}, {Redaction}, {History}, {Compaction}, {Mcp}, {Knowledge}, {Memory}"),
        new("called", "the four, and the model calls a tool of `mcp`", $"{Budget}, {History}, {Mcp}, {Knowledge}, {Memory}", "add: "),
    ];

    public static IEnumerable<string> Names => Rows.Select(r => r.Agent);

    /// <param name="rounds">The number of turns of each row.</param>
    /// <param name="warmUp">The number of turns before that.</param>
    /// <param name="runs">The number of runs in a turn.</param>
    /// <param name="only">The name of the one row to measure; null for all.</param>
    /// <param name="output">Gets the table.</param>
    /// <param name="cancellationToken">Ends the measurement between two turns.</param>
    public static async Task RunAsync(int rounds, int warmUp, int runs, string? only, TextWriter output, CancellationToken cancellationToken)
    {
        Row[] rows = [.. Rows.Where(r => only is null || r.Agent == only)];
        using var site = new PluginSite();
        var text = new MadeText();
        site.WriteDocuments(text);
        var model = new CallingStub();
        await using var engine = await PluginEngine.StartAsync(WriteConfiguration(site), site.Paths, model);
        await engine.WaitUntilHealthyAsync();
        for (var i = 0; i < Facts; i++) await engine.RunAsync("memory", "facts", $"remember: {text.Sentence(8)}");
        var costs = rows.Select(r => (Row: r, Turns: new List<Turn>())).ToList();
        for (var round = -warmUp; round < rounds; round++)
        {
            // New in each round, of words of the documents, and the same for all rows.
            string[] questions = [.. Enumerable.Range(0, Math.Max(runs, round < 0 ? RunsOfFullWindows : 0)).Select(_ => text.Sentence(10))];
            // The order alternates, because a later turn may find a warmer machine.
            foreach (var (row, turns) in round % 2 == 0 ? costs : Enumerable.Reverse(costs))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var turn = await MeasureAsync(engine, row, questions);
                if (round >= 0) turns.Add(turn);
            }
        }

        await WriteAsync(output, costs);
    }

    private static string WriteConfiguration(PluginSite site) => site.WriteConfiguration(
        Rows.Select(r => (r.Agent, r.Chain)),
        $$"""
        {
          "sqlite-history": { "Options": { "Path": "data/sessions.db" } },
          "sqlite-sessions": { "Options": { "Path": "data/sessions.db" } },
          "mcp": { "Options": { "Servers": { "habits": { "Command": "dotnet", "Arguments": ["{{PluginSite.McpServer}}", "stdio"] } } } },
          "budget": { "Options": { "Prices": { "{{CallingStub.Model}}": { "Input": 1, "Output": 10, "AsOf": "{{DateTimeOffset.UtcNow:yyyy-MM-dd}}T00:00:00Z" } } } }
        }
        """,
        """{ "Plugin": "sqlite-sessions" }""");

    private static async Task<Turn> MeasureAsync(PluginEngine engine, Row row, string[] questions)
    {
        var runs = questions.Length;
        var durations = new double[runs];
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var cost = new Cost();
        for (var i = 0; i < runs; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await engine.RunAsync(row.Agent, $"{row.Agent}-{i % Sessions}", $"{row.Before}{questions[i]}");
            durations[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        return new Turn(cost.Cpu / runs, Statistics.Median(durations), cost.Allocated / runs);
    }

    private static async Task WriteAsync(TextWriter output, List<(Row Row, List<Turn> Turns)> costs)
    {
        await output.WriteLineAsync("| a run | µs of CPU, median | more | lowest turn | more | median, ms | more | bytes | more |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|");
        var first = costs[0].Turns;
        foreach (var (row, turns) in costs)
        {
            // Differences are those of turns of one round, which had about the same load beside them.
            var (cpu, time, bytes) = (Median(turns, t => t.Cpu), Median(turns, t => t.Milliseconds), Median(turns, t => t.Bytes));
            var more = turns.Zip(first, (turn, alone) => new Turn(turn.Cpu - alone.Cpu, turn.Milliseconds - alone.Milliseconds, turn.Bytes - alone.Bytes)).ToList();
            var (lowest, lowestAlone) = (turns.Min(t => t.Cpu), first.Min(t => t.Cpu));
            await output.WriteLineAsync(
                $"| {row.Name} | {cpu:0} | {Median(more, t => t.Cpu):0} | {lowest:0} | {lowest - lowestAlone:0} | {time:0.000} | {Median(more, t => t.Milliseconds):0.000} "
                + $"| {bytes:0} | {Median(more, t => t.Bytes):0} |");
        }
    }

    private static double Median(List<Turn> turns, Func<Turn, double> select) => Statistics.Median(turns.Select(select));

    private sealed record Row(string Agent, string Name, string Chain, string Before = "");

    /// <summary>What a run of a turn cost.</summary>
    private readonly record struct Turn(double Cpu, double Milliseconds, double Bytes);
}
