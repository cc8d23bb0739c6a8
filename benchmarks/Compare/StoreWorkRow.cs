using PluginHost.Benchmarks.Stores;

namespace PluginHost.Benchmarks.Compare;

/// <summary>Runs on SQLite, stored in this process as the host stores them, beside other work on the same database, and alone.</summary>
internal static class StoreWorkRow
{
    private const int AtOnce = 32;
    private const string Alone = "the same runs alone";

    public static async Task<IReadOnlyList<Comparison>> MeasureDeletionsAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        var turns = await TakeAsync(options.Rounds, folder => RunsBeside.DeletionsAsync(folder, options.Deleted, AtOnce, TimeSpan.FromSeconds(options.Seconds)), cancellationToken);
        var work = $"{options.Deleted} sessions deleted beside {RunsBeside.Callers} callers";
        return
        [
            new(work, "deletions/s", "", [.. turns.Select(t => options.Deleted / t.Elapsed.TotalSeconds)], [], Target.ValueOfAtLeast(500)),
            // 500 a second may take 0.3 of a core.
            new(work, "CPU, µs a deletion", "", [.. turns.Select(t => t.WorkCpu / options.Deleted)], [], Target.ValueOfAtMost(600)),
            Comparison.Of(work, "p99 of the runs, ms", Alone, turns, t => t.P99, t => t.P99Before),
        ];
    }

    public static async Task<IReadOnlyList<Comparison>> MeasureBackupAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        var turns = await TakeAsync(options.Rounds, folder => RunsBeside.BackupAsync(folder, options.BackedUpRuns, TimeSpan.FromSeconds(options.Seconds)), cancellationToken);
        var work = $"a backup of {turns[0].Megabytes:0} MB beside {RunsBeside.Callers} callers";
        return
        [
            Comparison.Of(work, "p99 of the runs, ms", Alone, turns, t => t.Runs.P99, t => t.Runs.P99Before, Target.ValueOfAtMost(50)),
            Comparison.Of(work, "runs/s", Alone, turns, t => t.Runs.Rate, t => t.Runs.Before),
            new(work, "seconds", "", [.. turns.Select(t => t.Runs.Elapsed.TotalSeconds)], []),
        ];
    }

    private static async Task<List<T>> TakeAsync<T>(int rounds, Func<string, Task<T>> measure, CancellationToken cancellationToken)
    {
        var turns = new List<T>();
        for (var i = 0; i < rounds; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var folder = new WorkFolder("compare");
            turns.Add(await measure(folder.Path));
        }

        return turns;
    }
}
