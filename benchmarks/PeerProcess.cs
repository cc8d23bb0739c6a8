using System.Diagnostics;

namespace PluginHost.Benchmarks;

/// <summary>This program as a child process that executes a command which serves HTTP and prints its address first.</summary>
internal sealed class PeerProcess : IServerProcess
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private PeerProcess(Process process, string address) => (_process, Address) = (process, new Uri(address));

    public Uri Address { get; }

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1024d / 1024d;
        }
    }

    public long Written => WrittenBytes.Of(_process.Id);

    /// <param name="arguments">The command with its options.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<PeerProcess> StartAsync(IEnumerable<string> arguments, CancellationToken cancellationToken = default)
    {
        // As HostProcess does it, because their starts are compared.
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(PeerProcess).Assembly.Location, .. arguments]) { RedirectStandardOutput = true })!;
        try
        {
            var address = await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(TimeLimit, cancellationToken);
            return new(process, address ?? throw new InvalidOperationException("The server exited before it served requests."));
        }
        catch
        {
            await EndAsync(process);
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await EndAsync(_process);

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
