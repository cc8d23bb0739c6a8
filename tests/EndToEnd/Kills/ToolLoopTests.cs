using System.Globalization;
using PluginHost.Postgres.Tests.Server;
using Xunit.Abstractions;

namespace PluginHost.EndToEnd.Kills;

/// <summary>
/// Kills the host at random points of runs with tools and starts it again. The long form, with 300 kills for each store:
/// <c>PLUGINHOST_E2E_LOOP_KILLS=300 dotnet test tests/EndToEnd --filter ToolLoopTests</c>. <c>PLUGINHOST_E2E_SEED</c> repeats the choices of a run.
/// </summary>
[Trait("Form", "Long")]
public sealed class ToolLoopTests(ITestOutputHelper output)
{
    private const int Callers = 6;

    // No host lives long enough to gain from compiling its methods a second time. A run may be lost by many kills.
    private static readonly (string, string)[] Variables = [("DOTNET_TC_CallCounting", "0"), ("Sessions__MaxAttempts", "1000")];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    [PostgresData("postgres")]
    public async Task Runs_with_tools_survive_kill_9_and_no_tool_acts_twice(string store)
    {
        var (kills, seed) = (Number("PLUGINHOST_E2E_LOOP_KILLS", store == "sqlite" ? 8 : 6), Number("PLUGINHOST_E2E_SEED", Random.Shared.Next()));
        output.WriteLine($"Seed {seed}.");
        var random = new Random(seed);
        await using var server = await LoopServer.StartAsync();
        using var folder = await LoopConfiguration.CreateFolderAsync(store, server);
        List<LoopCaller> callers = [.. Enumerable.Range(0, Callers).Select(i => new LoopCaller($"s{i}", random.Next()))];
        for (var i = 0; i < kills; i++) await RunUntilKilledAsync(folder, server, callers, KillTrigger.Create(random));

        await using var host = await RunningHost.StartAsync(folder, Variables);
        await Task.WhenAll(callers.Select(c => c.FinishAsync(host.Api, server.Hit)));
        await CheckAsync(host, server, callers);
        await host.StopAsync();
        Report(kills, server, callers);
    }

    private static async Task RunUntilKilledAsync(WorkFolder folder, LoopServer server, List<LoopCaller> callers, KillTrigger trigger)
    {
        server.Trigger = trigger;
        await using var host = await RunningHost.StartAsync(folder, Variables);
        var running = Task.WhenAll(callers.Select(c => Task.Run(() => c.RunUntilLostAsync(host.Api, server.Hit))));
        trigger.Hit(KillPoint.HostServes);
        // A caller that found something wrong ends the test.
        var first = await Task.WhenAny(trigger.Reached.WaitAsync(ChildProcess.TimeLimit), running);
        await host.KillAsync();
        await running;
        Assert.True(first.IsCompletedSuccessfully && trigger.Reached.IsCompleted, $"The host was not killed: {trigger}.\n{host.Transcript}");
    }

    private static async Task CheckAsync(RunningHost host, LoopServer server, List<LoopCaller> callers)
    {
        Assert.Empty(server.Model.Wrong);
        Assert.All(server.Effects.Effects.Where(e => e.Tool == "charge").GroupBy(e => e.Key), key => Assert.Single(key));
        var effects = server.Effects.Effects.ToLookup(e => e.Name);
        await Task.WhenAll(callers.Select(c => new LoopCheck(host.Api, c, effects).RunAsync()));
    }

    private void Report(int kills, LoopServer server, List<LoopCaller> callers)
    {
        var runs = callers.SelectMany(c => c.Runs).ToList();
        output.WriteLine(
            $"{kills} kills, {runs.Count} runs, of them {runs.Count(r => r.Mode == LoopMode.Background)} in the background; {runs.Count(r => r.WasLost)} were lost before their "
            + $"callers knew the end. {server.Model.Requests} requests to the model, {server.Effects.Effects.Count} effects.");
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
