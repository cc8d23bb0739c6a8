using System.Diagnostics;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>What the process had taken at one time.</summary>
internal readonly record struct TurnMark(long Time, TimeSpan Cpu, long Bytes, TimeSpan Pauses)
{
    public static TurnMark Now() => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration());

    public TurnCost Since(TurnMark before, int requests)
    {
        var elapsed = Stopwatch.GetElapsedTime(before.Time, Time);
        return new(requests / elapsed.TotalSeconds, (Cpu - before.Cpu).TotalMicroseconds / requests, (Bytes - before.Bytes) / (double)requests, (Pauses - before.Pauses) / elapsed);
    }
}
