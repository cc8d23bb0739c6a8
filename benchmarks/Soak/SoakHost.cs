using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PluginHost.Benchmarks.Soak;

/// <summary>The host as a process of its own on a free loopback port, below a folder of its own. Stopped with this.</summary>
internal sealed partial class SoakHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private SoakHost(Process process, string address)
    {
        _process = process;
        Address = new Uri(address);
    }

    public Uri Address { get; }

    /// <summary>Resident memory in megabytes; 0 where the system does not tell.</summary>
    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1024d / 1024d;
        }
    }

    public static async Task<SoakHost> StartAsync(SoakOptions options, string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [options.HostAssembly, "--config", options.Configuration])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Server__Listen__0"] = "http://127.0.0.1:0";
        start.Environment["Agents__assistant__Model__DelayMilliseconds"] = options.WordMilliseconds.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in options.Variables) start.Environment[name] = value;
        var process = Process.Start(start)!;
        var serving = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Read(line.Data, serving);
        process.ErrorDataReceived += (_, line) => Read(line.Data, serving);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new SoakHost(process, await serving.Task.WaitAsync(Patience, cancellationToken));
    }

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        if (_process.ExitCode != 0) throw new InvalidOperationException($"The host ended with {_process.ExitCode}.");
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
        return default;
    }

    private static void Read(string? line, TaskCompletionSource<string> serving)
    {
        if (line is null)
        {
            serving.TrySetException(new InvalidOperationException("The host ended before it served."));
            return;
        }

        if (Serving().Match(line) is { Success: true } match) serving.TrySetResult(match.Groups[1].Value);
        else if (!line.Contains("info:", StringComparison.Ordinal)) Console.Error.WriteLine(line);
    }

    [GeneratedRegex(@" serves on (\S+)\. Agents: ")]
    private static partial Regex Serving();
}
