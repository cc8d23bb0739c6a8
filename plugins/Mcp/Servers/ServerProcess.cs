using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace PluginHost.Mcp.Servers;

/// <summary>
/// The program of a server. Started here and not by the protocol's library, so that what it writes is bounded: a line of output becomes
/// one message in memory.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int MaxErrorLine = 500;

    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(2);

    /// <summary>What a program needs to run at all. The host's other variables may hold secrets.</summary>
    private static readonly string[] Inherited =
        ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMFILES", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT"];

    private readonly Process _process;
    private Task _errors = Task.CompletedTask;

    private ServerProcess(Process process) => _process = process;

    public IClientTransport Transport { get; private init; } = null!;

    /// <summary>The last line that the program wrote to its standard error; null for none.</summary>
    public string? LastError { get; private set; }

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static ServerProcess Start(string name, McpServerOptions options, ILogger logger)
    {
        var start = new ProcessStartInfo(options.Command!, options.Arguments ?? [])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = options.WorkingDirectory ?? "",
        };
        foreach (var variable in start.Environment.Keys.Except(Inherited, StringComparer.OrdinalIgnoreCase).ToList()) start.Environment.Remove(variable);
        foreach (var (variable, value) in options.Environment ?? new Dictionary<string, Sdk.Secret>()) start.Environment[variable] = value.Reveal();
        var process = Process.Start(start)!;
        var server = new ServerProcess(process)
        {
            Transport = new StreamClientTransport(process.StandardInput.BaseStream, new BoundedMessages(process.StandardOutput.BaseStream)),
        };
        server._errors = server.ReadErrorsAsync(name, logger);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // The end of its input asks a server to end.
            _process.StandardInput.Close();
            using var limit = new CancellationTokenSource(StopTime);
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or InvalidOperationException)
        {
            // It is ended below.
        }

        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }

        try
        {
            await _errors.WaitAsync(StopTime);
        }
        catch (TimeoutException)
        {
            // Another process has its standard error.
        }

        _process.Dispose();
    }

    /// <summary>Reads to the end, so that the program never waits, and keeps only the beginning of each line.</summary>
    private async Task ReadErrorsAsync(string name, ILogger logger)
    {
        var line = new StringBuilder(MaxErrorLine);
        var buffer = new char[4096];
        try
        {
            int count;
            while ((count = await _process.StandardError.ReadAsync(buffer)) > 0)
            {
                for (var i = 0; i < count; i++)
                {
                    if (buffer[i] is '\n' or '\r')
                    {
                        OnError(name, line.ToString(), logger);
                        line.Clear();
                    }
                    else if (line.Length < MaxErrorLine)
                    {
                        line.Append(buffer[i]);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The process has been ended.
        }

        OnError(name, line.ToString(), logger);
    }

    private void OnError(string name, string line, ILogger logger)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        LastError = line;
        Log.ServerWrote(logger, name, line);
    }
}
