using System.Globalization;
using PluginHost.Postgres.Tests.Server;
using Xunit.Abstractions;

namespace PluginHost.EndToEnd;

/// <summary>
/// Kills the host at random points under load and starts it again. For a long test, with 100 kills for each store:
/// <c>PLUGINHOST_E2E_KILLS=100 dotnet test tests/EndToEnd --filter KillTests</c>.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    // No host lives long enough to gain from compiling its methods a second time.
    private static readonly (string, string)[] Variables = [("DOTNET_TC_CallCounting", "0")];

    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("PLUGINHOST_E2E_KILLS") is { Length: > 0 } count ? count : "3", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    [PostgresData("postgres")]
    public async Task Acknowledged_runs_survive_kill_9_under_load_and_a_retried_run_is_stored_once(string store)
    {
        using var folder = await Configurations.CreateFolderAsync(store);
        var loads = new List<KilledLoad>();
        var host = await RunningHost.StartAsync(folder, Variables);
        try
        {
            for (var round = 0; round < Kills; round++)
            {
                var load = new KilledLoad(round);
                loads.Add(load);
                await load.RunUntilKilledAsync(host);
                await host.DisposeAsync();
                host = await RunningHost.StartAsync(folder, Variables);
                await load.RetryAsync(host.Api);
                await load.CheckAsync(host.Api);
            }

            // Later kills must not damage what earlier loads stored.
            foreach (var load in loads) await load.CheckAsync(host.Api);
            await host.StopAsync();
        }
        finally
        {
            await host.DisposeAsync();
        }

        output.WriteLine($"{Kills} kills, {loads.Sum(l => l.Acknowledged)} runs acknowledged before them, {loads.Sum(l => l.Retried)} runs retried after them.");
    }
}
