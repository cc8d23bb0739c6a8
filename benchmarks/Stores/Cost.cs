using System.Diagnostics;

namespace PluginHost.Benchmarks.Stores;

/// <summary>What the process has used since this object was created.</summary>
internal sealed class Cost
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly long _allocated = GC.GetTotalAllocatedBytes(precise: true);
    private readonly double _cpu = Environment.CpuUsage.TotalTime.TotalMicroseconds;
    private readonly long _written = WrittenBytes.OfThisProcess;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_began);

    public double Allocated => GC.GetTotalAllocatedBytes(precise: true) - _allocated;

    /// <summary>Microseconds of the processor.</summary>
    public double Cpu => Environment.CpuUsage.TotalTime.TotalMicroseconds - _cpu;

    /// <summary>Bytes passed to writes of files: the log, and its copy into the database. 0 where the system does not count them.</summary>
    public double Written => WrittenBytes.OfThisProcess - _written;
}
