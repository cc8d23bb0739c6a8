using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd.Running;

/// <summary>A process of <c>dotnet</c> with what it writes. All waits are bounded. Ends with this.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int Term = 15;

    // What the tests' own process was started with must not configure the host.
    private static readonly string[] Foreign =
    [
        "Agents__", "Sessions__", "Server__", "Plugins__", "PluginFolders__", "Logging__",
        "OTEL_", "PLUGINHOST_", "OPENAI_", "ASPNETCORE_", "MSBUILD", "VSTEST", "NOTIFY_SOCKET",
    ];

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private TaskCompletionSource _written = NewSignal();

    private ChildProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Take(_errors, line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => Copy(_output);

    public string Errors => Copy(_errors);

    /// <summary>All that it wrote, for messages of failed assertions.</summary>
    public string Transcript => $"--- output\n{Output}--- errors\n{Errors}";

    /// <param name="launcher">A program with arguments that starts the process in its own place, as <c>env</c> does; empty for none.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Of <c>dotnet</c>.</param>
    /// <param name="variables">Of the environment.</param>
    public static ChildProcess Start(
        IReadOnlyList<string> launcher, string folder, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> variables)
    {
        // The one that runs the tests, when it does: another may stand in the path.
        var program = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        IReadOnlyList<string> command = [.. launcher, program, .. arguments];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => (string)v.Key))
        {
            if (Foreign.Any(f => name.StartsWith(f, StringComparison.OrdinalIgnoreCase))) start.Environment.Remove(name);
        }

        foreach (var (name, value) in variables) start.Environment[name] = value;
        return new ChildProcess(start);
    }

    /// <summary>Waits for a line of the output.</summary>
    /// <exception cref="InvalidOperationException">The process ended without it.</exception>
    public async Task<Match> WaitForAsync(Regex line)
    {
        using var limit = new CancellationTokenSource(Patience);
        var exit = _process.WaitForExitAsync(limit.Token);
        while (true)
        {
            Task written;
            lock (_gate) written = _written.Task;
            if (line.Match(Output) is { Success: true } match) return match;
            if (exit.IsCompletedSuccessfully) throw new InvalidOperationException($"The process ended with {_process.ExitCode}.\n{Transcript}");
            await Task.WhenAny(written, exit);
            if (limit.IsCancellationRequested) throw new TimeoutException($"No line matched {line}.\n{Transcript}");
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The process did not end.\n{Transcript}");
        }

        return _process.ExitCode;
    }

    /// <summary>Asks it to stop, as a supervisor does: SIGTERM.</summary>
    public void Terminate()
    {
        if (SendSignal(Id, Term) != 0) throw new InvalidOperationException($"No signal could be sent: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Ends it at once, without a word: SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private void Take(StringBuilder text, string? line)
    {
        if (line is null) return;
        TaskCompletionSource written;
        lock (_gate)
        {
            text.Append(line).Append('\n');
            (written, _written) = (_written, NewSignal());
        }

        written.SetResult();
    }

    private string Copy(StringBuilder text)
    {
        lock (_gate) return text.ToString();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
