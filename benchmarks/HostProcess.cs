using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace PluginHost.Benchmarks;

/// <summary>The host as a child process on a free loopback port. Disposing kills it.</summary>
internal sealed partial class HostProcess : IServerProcess
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private HostProcess(Process process, string address)
    {
        _process = process;
        Address = new Uri(address);
    }

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

    /// <summary>A port of loopback that is free now.</summary>
    public static int FindPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <param name="assembly">The path of the host's pluginhost.dll.</param>
    /// <param name="configuration">The path of the host's configuration file.</param>
    /// <param name="folder">The folder that the host runs in.</param>
    /// <param name="variables">Environment variables for the host.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<HostProcess> StartAsync(
        string assembly, string configuration, string folder, IEnumerable<KeyValuePair<string, string>> variables, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, "--config", configuration])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Server__Listen__0"] = "http://127.0.0.1:0";
        foreach (var (name, value) in variables) start.Environment[name] = value;
        var process = Process.Start(start)!;
        var serving = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Read(line.Data, serving);
        process.ErrorDataReceived += (_, line) => Read(line.Data, serving);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            return new HostProcess(process, await serving.Task.WaitAsync(TimeLimit, cancellationToken));
        }
        catch
        {
            await EndAsync(process);
            throw;
        }
    }

    /// <summary>Sends SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends SIGSTOP: to others, the machine is lost.</summary>
    public void Suspend() => Signal("STOP");

    /// <summary>Sends SIGTERM and waits for the process to exit.</summary>
    public async Task StopAsync()
    {
        Signal("TERM");
        using var limit = new CancellationTokenSource(TimeLimit);
        await _process.WaitForExitAsync(limit.Token);
        if (_process.ExitCode != 0) throw new InvalidOperationException($"The host exited with code {_process.ExitCode}.");
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync() => await EndAsync(_process);

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited) process.Kill();
        // Until it has exited, it may write to a folder that the caller deletes.
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static void Read(string? line, TaskCompletionSource<string> serving)
    {
        if (line is null)
        {
            serving.TrySetException(new InvalidOperationException("The host exited before it served requests."));
            return;
        }

        if (Serving().Match(line) is { Success: true } match) serving.TrySetResult(match.Groups[1].Value);
        else if (!line.Contains("info:", StringComparison.Ordinal)) Console.Error.WriteLine(line);
    }

    [GeneratedRegex(@" serves on (\S+)\. Agents: ")]
    private static partial Regex Serving();
}
