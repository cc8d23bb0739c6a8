using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd.Running;

/// <summary>A child process and its output. All waits have a time limit. Disposing kills the process.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private const int Hup = 1, Term = 15;

    // Removed from the environment: variables of the test process must not configure the host.
    private static readonly string[] HostVariablePrefixes =
    [
        "Agents__", "Sessions__", "Server__", "Plugins__", "PluginFolders__", "Logging__", "Telemetry__",
        "OTEL_", "PLUGINHOST_", "OPENAI_", "ASPNETCORE_", "MSBUILD", "VSTEST", "NOTIFY_SOCKET",
    ];

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private TaskCompletionSource _written = CreateSignal();

    private ChildProcess(ProcessStartInfo start, bool keepsInput = false)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => AppendLine(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => AppendLine(_errors, line.Data);
        _process.Start();
        if (!keepsInput) _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => Copy(_output);

    public string Errors => Copy(_errors);

    /// <summary>The whole output, for messages of failed assertions.</summary>
    public string Transcript => $"--- output\n{Output}--- errors\n{Errors}";

    /// <param name="launcher">A program, with arguments, that replaces itself with the process, as <c>env</c> does. Empty for none.</param>
    /// <param name="folder">The working folder.</param>
    /// <param name="arguments">Arguments of <c>dotnet</c>.</param>
    /// <param name="variables">Environment variables to add.</param>
    public static ChildProcess Start(
        IReadOnlyList<string> launcher, string folder, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> variables)
    {
        // Prefer the dotnet that runs the tests. PATH may hold another one.
        var program = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        return StartProgram([.. launcher, program, .. arguments], folder, variables);
    }

    /// <summary>Starts <c>dotnet</c> with a standard input that <see cref="WriteLineAsync"/> writes to.</summary>
    public static ChildProcess StartWithInput(string folder, IEnumerable<string> arguments) => new(CreateStart(["dotnet", .. arguments], folder, []), keepsInput: true);

    /// <summary>Starts any program.</summary>
    public static ChildProcess StartProgram(IReadOnlyList<string> command, string folder, params IEnumerable<(string Name, string Value)> variables) =>
        new(CreateStart(command, folder, variables));

    private static ProcessStartInfo CreateStart(IReadOnlyList<string> command, string folder, IEnumerable<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => (string)v.Key))
        {
            if (HostVariablePrefixes.Any(f => name.StartsWith(f, StringComparison.OrdinalIgnoreCase))) start.Environment.Remove(name);
        }

        foreach (var (name, value) in variables) start.Environment[name] = value;
        return start;
    }

    /// <summary>Writes a line to the standard input.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for a line of the output.</summary>
    /// <exception cref="InvalidOperationException">The process ended without writing such a line.</exception>
    public async Task<Match> WaitForAsync(Regex line, TimeSpan? timeLimit = null)
    {
        using var limit = new CancellationTokenSource(timeLimit ?? TimeLimit);
        var exit = _process.WaitForExitAsync(limit.Token);
        while (true)
        {
            Task written;
            lock (_lock) written = _written.Task;
            if (line.Match(Output) is { Success: true } match) return match;
            if (exit.IsCompletedSuccessfully) throw new InvalidOperationException($"The process ended with {_process.ExitCode}.\n{Transcript}");
            await Task.WhenAny(written, exit);
            if (limit.IsCancellationRequested) throw new TimeoutException($"No line matched {line}.\n{Transcript}");
        }
    }

    /// <summary>Waits for the process to exit.</summary>
    /// <param name="timeLimit">How long at most; <see cref="TimeLimit"/> unless given.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> ExitAsync(TimeSpan? timeLimit = null)
    {
        using var limit = new CancellationTokenSource(timeLimit ?? TimeLimit);
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

    /// <summary>Sends SIGTERM, as a supervisor does to stop a process.</summary>
    public void Terminate() => Send(Term);

    /// <summary>Sends SIGHUP, as an operator does to reload.</summary>
    public void HangUp() => Send(Hup);

    private void Send(int signal)
    {
        if (SendSignal(Id, signal) != 0) throw new InvalidOperationException($"No signal could be sent: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Sends SIGKILL and waits for the process to exit.</summary>
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

    private void AppendLine(StringBuilder text, string? line)
    {
        if (line is null) return;
        TaskCompletionSource written;
        lock (_lock)
        {
            text.Append(line).Append('\n');
            (written, _written) = (_written, CreateSignal());
        }

        written.SetResult();
    }

    private string Copy(StringBuilder text)
    {
        lock (_lock) return text.ToString();
    }

    private static TaskCompletionSource CreateSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
