using System.Diagnostics;

namespace PluginHost.Benchmarks;

/// <summary>A server in a child process. Disposing kills it.</summary>
internal abstract class ServerProcess(Process process, string address) : IAsyncDisposable
{
    protected static TimeSpan TimeLimit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; } = new(address);

    /// <summary>The processor time that it has used.</summary>
    public TimeSpan Cpu
    {
        get
        {
            Process.Refresh();
            return Process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory in megabytes. 0 if the operating system does not report it.</summary>
    public double Megabytes
    {
        get
        {
            Process.Refresh();
            return Process.WorkingSet64 / 1024d / 1024d;
        }
    }

    /// <summary>The bytes that it has passed to writes of files. 0 if the operating system does not count them.</summary>
    public long Written => WrittenBytes.Of(Process.Id);

    protected Process Process { get; } = process;

    public async ValueTask DisposeAsync() => await EndAsync(Process);

    protected static async Task EndAsync(Process process)
    {
        if (!process.HasExited) process.Kill();
        // Until it has exited, it may write to a folder that the caller deletes.
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
