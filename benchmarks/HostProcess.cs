using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace PluginHost.Benchmarks;

/// <summary>The host as a child process on a free loopback port. Disposing kills it.</summary>
internal sealed partial class HostProcess : ServerProcess
{
    private HostProcess(Process process, string address)
        : base(process, address)
    {
    }

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
    public void Kill() => Process.Kill();

    /// <summary>Sends SIGSTOP: to others, the machine is lost.</summary>
    public void Suspend() => Signal("STOP");

    /// <summary>Sends SIGTERM and waits for the process to exit.</summary>
    public async Task StopAsync()
    {
        Signal("TERM");
        using var limit = new CancellationTokenSource(TimeLimit);
        await Process.WaitForExitAsync(limit.Token);
        if (Process.ExitCode != 0) throw new InvalidOperationException($"The host exited with code {Process.ExitCode}.");
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", Process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
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
