using System.Diagnostics;

namespace PluginHost.Benchmarks;

/// <summary>This program as a child process that executes a command which serves HTTP and prints its address first.</summary>
internal sealed class PeerProcess : ServerProcess
{
    private PeerProcess(Process process, string address)
        : base(process, address)
    {
    }

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
}
