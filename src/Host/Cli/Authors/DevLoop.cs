using System.Diagnostics;
using PluginHost.Cli.Remote;
using PluginHost.Engine.Errors;

namespace PluginHost.Cli.Authors;

/// <summary>The conversation with the plugin's agent, and the builds beside it.</summary>
internal sealed class DevLoop(DevHost host, DevBuild build, DevSite site, DevBuildResult first)
{
    private readonly ChatScreen _screen = ChatScreen.CreateForTerminal();
    private readonly TraceScreen _trace = TraceScreen.Create(Console.Out);

    public async Task<int> RunAsync()
    {
        _screen.WriteNote($"{first.Name} was built in {Seconds(first.Duration)}. Changes in {build.Folder} are taken over.");
        ShowWarnings(first);
        using var watch = new DevWatch(build.Folder);
        using var ending = new CancellationTokenSource();
        using var client = ChatClient.Connect(host.Url, key: null);
        using var interrupts = new InterruptHandler();
        Console.CancelKeyPress += interrupts.OnCancelKey;
        var building = BuildAsync(watch, ending.Token);
        try
        {
            return await new ChatLoop(client, _screen, LineEditor.CreateForConsole(), interrupts) { Agent = DevSite.Agent, AfterRun = ShowTrace }.RunAsync();
        }
        finally
        {
            Console.CancelKeyPress -= interrupts.OnCancelKey;
            await ending.CancelAsync();
            await building;
        }
    }

    private void ShowWarnings(DevBuildResult result)
    {
        foreach (var warning in result.Messages) _screen.WriteNote(warning);
    }

    private void ShowTrace(string run)
    {
        if (host.FindTrace(run) is { } trace) _trace.WriteTree(trace);
    }

    private async Task BuildAsync(DevWatch watch, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await BuildOnceAsync(await watch.WaitAsync(cancellationToken), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The conversation has ended.
        }
    }

    private async Task BuildOnceAsync(IReadOnlyList<string> changed, CancellationToken cancellationToken)
    {
        try
        {
            await TakeOverAsync(changed, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The next edit must be taken over all the same.
            _screen.WriteError($"The change could not be taken over: {e.Message} Save again to retry.");
        }
    }

    private async Task TakeOverAsync(IReadOnlyList<string> changed, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var result = await build.RunAsync(changed, cancellationToken);
        if (result.Output is null)
        {
            foreach (var error in result.Messages) _screen.WriteError(error);
            _screen.WriteNote("The build before continues to serve.");
            return;
        }

        try
        {
            site.Add(result);
            await host.ReloadAsync();
            _screen.WriteNote($"{result.Name} is live after {Seconds(Stopwatch.GetElapsedTime(begin))}, of which {Seconds(result.Duration)} were the {result.Step}.");
            ShowWarnings(result);
        }
        catch (ProblemException e)
        {
            _screen.WriteError(e.Message);
            foreach (var error in e.Errors) _screen.WriteError($"{error.Path}: {error.Message} {error.Allowed}");
        }
    }

    private static string Seconds(TimeSpan duration) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s");
}
