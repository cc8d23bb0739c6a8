using System.Diagnostics;

namespace PluginHost.Benchmarks.Runs;

/// <summary>What a run costs in this process.</summary>
/// <param name="Microseconds">Its duration.</param>
/// <param name="Bytes">The bytes that are allocated.</param>
internal readonly record struct RunCost(double Microseconds, double Bytes)
{
    /// <summary>Measures one turn of a contestant: a run on each of many new sessions.</summary>
    /// <param name="contestant">What runs.</param>
    /// <param name="length">The number of messages of a session.</param>
    public static async Task<RunCost> MeasureAsync(IRunContestant contestant, int length)
    {
        // So many that what an engine allocates once does not count.
        var sessions = length >= 10_000 ? 20 : length >= 1_000 ? 200 : 2_000;
        await contestant.PrepareAsync(length, sessions);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (bytes, begin) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        for (var i = 0; i < sessions; i++) await contestant.RunAsync(i);
        var time = Stopwatch.GetElapsedTime(begin);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        // The span listener of one contestant would also receive the spans of the others.
        await contestant.DisposeAsync();
        return new(time.TotalMicroseconds / sessions, (double)bytes / sessions);
    }

    public static RunCost MedianOf(IReadOnlyList<RunCost> costs) =>
        new(Statistics.Median(costs.Select(c => c.Microseconds)), Statistics.Median(costs.Select(c => c.Bytes)));
}
