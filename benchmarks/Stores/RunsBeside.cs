namespace PluginHost.Benchmarks.Stores;

/// <summary>Runs of a few callers alone, then beside other work on the same database.</summary>
/// <param name="Before">The runs a second alone.</param>
/// <param name="P99Before">The 99th percentile of them, in milliseconds.</param>
/// <param name="Rate">The runs a second beside the work.</param>
/// <param name="P99">The 99th percentile of them, in milliseconds.</param>
/// <param name="Longest">The longest of them, in milliseconds.</param>
/// <param name="Elapsed">How long the work took.</param>
/// <param name="Cores">How many cores the process kept busy.</param>
/// <param name="WorkCpu">Microseconds of the processor for the work: what the process took beyond what its runs took alone.</param>
internal sealed record RunsBeside(double Before, double P99Before, double Rate, double P99, double Longest, TimeSpan Elapsed, double Cores, double WorkCpu)
{
    public const int Callers = 8;

    private const int RunsPerDeletedSession = 5, BackedUpSessions = 5_000;

    /// <summary>Deletes sessions in a new folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="deleted">The number of sessions.</param>
    /// <param name="atOnce">The number of concurrent deletions.</param>
    /// <param name="alone">For how long the callers run alone.</param>
    public static async Task<RunsBeside> DeletionsAsync(string folder, int deleted, int atOnce, TimeSpan alone)
    {
        await using var stored = new StoredRuns(folder, Callers + deleted);
        await stored.AddAsync(Callers, RunsPerDeletedSession * (Callers + deleted) / Callers, CancellationToken.None);
        return await MeasureAsync(stored, () => stored.DeleteAsync(Callers, deleted, atOnce), alone);
    }

    /// <summary>Adds runs to 5 000 sessions in a new folder, then backs them up.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="runs">The number of runs before the backup.</param>
    /// <param name="alone">For how long the callers run alone.</param>
    /// <returns>Also the size of the backup in megabytes.</returns>
    public static async Task<(RunsBeside Runs, double Megabytes)> BackupAsync(string folder, int runs, TimeSpan alone)
    {
        await using var stored = new StoredRuns(folder, BackedUpSessions);
        await stored.AddAsync(64, runs / 64, CancellationToken.None);
        var copy = Directory.CreateDirectory(Path.Combine(folder, "copy")).FullName;
        var beside = await MeasureAsync(stored, () => Task.Run(async () => await stored.Store.BackUpAsync(copy, new Progress<double>(), CancellationToken.None)), alone);
        return (beside, new FileInfo(Path.Combine(copy, "database.db")).Length / (1024d * 1024));
    }

    private static async Task<RunsBeside> MeasureAsync(StoredRuns stored, Func<Task> work, TimeSpan alone)
    {
        var quiet = new Cost();
        var before = await AddDuringAsync(stored, Task.Delay(alone));
        var (quietCpu, quietSeconds) = (quiet.Cpu, quiet.Elapsed.TotalSeconds);
        var cost = new Cost();
        var beside = await AddDuringAsync(stored, work());
        var (elapsed, cpu) = (cost.Elapsed, cost.Cpu);
        return new(
            before.Count / quietSeconds,
            Statistics.Quantile(before, 0.99),
            beside.Count / elapsed.TotalSeconds,
            Statistics.Quantile(beside, 0.99),
            beside.Max(),
            elapsed,
            cpu / elapsed.TotalMicroseconds,
            Math.Max(0, cpu - (beside.Count * quietCpu / before.Count)));
    }

    private static async Task<List<double>> AddDuringAsync(StoredRuns stored, Task work)
    {
        using var stop = new CancellationTokenSource();
        var runs = stored.AddToFirstAsync(Callers, stop.Token);
        try
        {
            await work;
        }
        finally
        {
            await stop.CancelAsync();
            await runs;
        }

        return await runs;
    }
}
