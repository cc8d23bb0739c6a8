using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd.Running;

/// <summary>The built host as a child process that serves requests. Disposing kills it if it has not exited.</summary>
internal sealed partial class RunningHost : IAsyncDisposable
{
    private static readonly (string, string)[] AnyPort = [("Server__Listen__0", "http://127.0.0.1:0")];

    private readonly ChildProcess _process;

    private RunningHost(ChildProcess process, string address)
    {
        _process = process;
        Address = address;
        Api = new ApiClient(address);
    }

    /// <summary>The address from the host's log, such as <c>http://127.0.0.1:43210</c>.</summary>
    public string Address { get; }

    public ApiClient Api { get; }

    public int Id => _process.Id;

    public string Transcript => _process.Transcript;

    public string Output => _process.Output;

    /// <summary>Starts a host on a free port and waits until it serves.</summary>
    public static Task<RunningHost> StartAsync(WorkFolder folder, params IEnumerable<(string Name, string Value)> variables) =>
        StartAsync(folder, launcher: [], variables);

    /// <summary>Starts a host through a launcher; see <see cref="ChildProcess.Start"/>.</summary>
    public static Task<RunningHost> StartAsync(
        WorkFolder folder, IReadOnlyList<string> launcher, params IEnumerable<(string Name, string Value)> variables) =>
        StartAsync(folder, BuildOutputs.HostAssembly, launcher, variables);

    /// <summary>Starts another copy of the host.</summary>
    public static async Task<RunningHost> StartAsync(
        WorkFolder folder, string assembly, IReadOnlyList<string> launcher, params IEnumerable<(string Name, string Value)> variables)
    {
        var process = ChildProcess.Start(launcher, folder.Path, [assembly], [.. AnyPort, .. variables]);
        try
        {
            var serving = await process.WaitForAsync(Serving());
            return new RunningHost(process, serving.Groups[1].Value);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the host's program until it exits. For commands and for starts that fail.</summary>
    public static Task<(int Code, string Output, string Errors)> RunAsync(
        WorkFolder folder, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> variables) =>
        RunAsync(folder, launcher: [], arguments, variables);

    /// <summary>Runs the host's program through a launcher; see <see cref="ChildProcess.Start"/>.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(
        WorkFolder folder, IReadOnlyList<string> launcher, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> variables)
    {
        await using var process = ChildProcess.Start(launcher, folder.Path, [BuildOutputs.HostAssembly, .. arguments], [.. AnyPort, .. variables]);
        var code = await process.ExitAsync();
        return (code, process.Output, process.Errors);
    }

    public void Terminate() => _process.Terminate();

    /// <summary>Sends SIGHUP.</summary>
    public void HangUp() => _process.HangUp();

    public Task<int> ExitAsync() => _process.ExitAsync();

    /// <summary>Stops the host with SIGTERM and expects exit code 0.</summary>
    public async Task StopAsync()
    {
        Terminate();
        var code = await ExitAsync();
        Assert.True(code == 0, $"The host exited with code {code}.\n{Transcript}");
    }

    public Task KillAsync() => _process.KillAsync();

    public Task WaitForLogAsync(Regex line) => _process.WaitForAsync(line);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _process.DisposeAsync();
    }

    [GeneratedRegex(@" serves on (\S+)\. Agents: ")]
    private static partial Regex Serving();
}
