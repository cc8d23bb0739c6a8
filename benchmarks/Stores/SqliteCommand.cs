using System.CommandLine;
using PluginHost.Benchmarks.Http;
using PluginHost.Benchmarks.Runs;

namespace PluginHost.Benchmarks.Stores;

/// <summary>
/// The command <c>sqlite</c>. It measures what a stored run costs, and how deletions and a backup disturb runs. It creates files in the working
/// directory and deletes them.
/// </summary>
internal static class SqliteCommand
{
    private const int ManySessions = 5000;

    public static Command Create()
    {
        var seconds = IntegerOption.Create("--seconds", 4, 1, "The duration of each measurement in seconds.");
        var deleted = IntegerOption.Create("--deleted", 1000, 1, "The number of sessions to delete.");
        var atOnce = IntegerOption.Create("--at-once", 32, 1, "The number of concurrent deletions.");
        var backup = IntegerOption.Create("--backup", 60_000, 0, "The number of runs in the file that is backed up; 0 to leave this out.");
        var command = new Command("sqlite", "Measure runs, deletions and a backup of sqlite-history and sqlite-sessions.") { seconds, deleted, atOnce, backup };
        command.SetAction(async (parsed, _) =>
        {
            using var folder = new WorkFolder("sqlite");
            var output = parsed.InvocationConfiguration.Output;
            var time = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            await output.WriteLineAsync("| stored runs | runs/s | ratio | p99 ms | bytes written | pages to the log | statements | bytes allocated | µs of CPU |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|");
            var peer = await MeasurePeerAsync(Path.Combine(folder.Path, "peer.db"), time, output);
            await MeasureRunsAsync(Path.Combine(folder.Path, "few"), 32, time, peer, output);
            await MeasureRunsAsync(Path.Combine(folder.Path, "many"), ManySessions, time, peer, output);
            await MeasureDeletionsAsync(Path.Combine(folder.Path, "deletions"), parsed.GetValue(deleted), parsed.GetValue(atOnce), output);
            if (parsed.GetValue(backup) > 0) await MeasureBackupAsync(Path.Combine(folder.Path, "backup"), parsed.GetValue(backup), time, output);
        });
        return command;
    }

    /// <summary>A loop written by hand that stores less: two messages and a counter, 32 runs in one commit.</summary>
    private static async Task<double> MeasurePeerAsync(string path, TimeSpan time, TextWriter output)
    {
        using var file = new HistoryFile(path);
        var turn = Conversation.Create(2);
        var cost = new Cost();
        var runs = 0;
        while (cost.Elapsed < time)
        {
            using var transaction = file.BeginTransaction();
            for (var i = 0; i < 32; i++) file.Append(transaction, $"s{runs++ % 32}", turn);
            transaction.Commit();
        }

        var perSecond = runs / cost.Elapsed.TotalSeconds;
        await output.WriteLineAsync($"| hand-written loop, messages alone, 32 runs per commit | {perSecond:0} | 1.00 | | {cost.Written / runs:0} | | | {cost.Allocated / runs:0} | {cost.Cpu / runs:0} |");
        return perSecond;
    }

    private static async Task MeasureRunsAsync(string folder, int sessions, TimeSpan time, double peer, TextWriter output)
    {
        await using var stored = new StoredRuns(folder, sessions);
        await stored.AddAsync(32, Math.Max(50, 2 * sessions / 32), CancellationToken.None);
        using var stop = new CancellationTokenSource(time);
        var counts = stored.Store.Database.Writer.Counts;
        var cost = new Cost();
        var durations = await stored.AddAsync(32, int.MaxValue, stop.Token);
        var (runs, perSecond) = (durations.Count, durations.Count / cost.Elapsed.TotalSeconds);
        var now = stored.Store.Database.Writer.Counts;
        await output.WriteLineAsync(
            $"| 32 callers, {sessions} sessions | {perSecond:0} | {perSecond / peer:0.00} | {Statistics.Quantile(durations, 0.99):0.0} | {cost.Written / runs:0} | {(now.Pages - counts.Pages) / (double)runs:0.0} | "
            + $"{(now.Statements - counts.Statements) / (double)runs:0.0} | {cost.Allocated / runs:0} | {cost.Cpu / runs:0} |");
    }

    private static async Task MeasureDeletionsAsync(string folder, int deleted, int atOnce, TextWriter output)
    {
        var runs = await RunsBeside.DeletionsAsync(folder, deleted, atOnce, TimeSpan.FromSeconds(2));
        await output.WriteLineAsync(
            $"\n{deleted} sessions deleted beside {RunsBeside.Callers} callers, {atOnce} at once: {deleted / runs.Elapsed.TotalSeconds:0} a second, {runs.Cores:0.00} cores busy, "
            + $"{runs.WorkCpu / deleted:0} µs of CPU a deletion. {Describe(runs)}");
    }

    private static async Task MeasureBackupAsync(string folder, int count, TimeSpan time, TextWriter output)
    {
        var (runs, size) = await RunsBeside.BackupAsync(folder, count, time);
        await output.WriteLineAsync($"\nA backup of {size:0} MB beside {RunsBeside.Callers} callers took {runs.Elapsed.TotalSeconds:0.0} s. {Describe(runs)}");
    }

    private static string Describe(RunsBeside runs) =>
        $"Runs a second: {runs.Before:0} before, {runs.Rate:0} beside. p99: {runs.P99Before:0.0} ms before, {runs.P99:0.0} ms beside, at most {runs.Longest:0} ms.";
}
