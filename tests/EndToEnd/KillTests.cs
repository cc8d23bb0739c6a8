using System.Globalization;
using Xunit.Abstractions;

namespace PluginHost.EndToEnd;

/// <summary>
/// The host is killed at random points under load, and started again. The long form is one command:
/// <c>PLUGINHOST_E2E_KILLS=100 dotnet test tests/EndToEnd --filter KillTests</c> (for each store).
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("PLUGINHOST_E2E_KILLS") is { Length: > 0 } count ? count : "5", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task What_was_acknowledged_survives_kill_9_in_the_middle_of_load_and_a_retry_is_stored_once(string store)
    {
        using var folder = Configurations.FolderFor(store);
        var loads = new List<KilledLoad>();
        var host = await RunningHost.StartAsync(folder);
        try
        {
            for (var round = 0; round < Kills; round++)
            {
                var load = new KilledLoad(round);
                loads.Add(load);
                await load.RunUntilKilledAsync(host);
                await host.DisposeAsync();
                // The next start takes over, whatever the dead owner left.
                host = await RunningHost.StartAsync(folder);
                await load.RetryAsync(host.Api);
                await load.CheckAsync(host.Api);
            }

            // What was right after one kill is so after all.
            foreach (var load in loads) await load.CheckAsync(host.Api);
            await host.StopAsync();
        }
        finally
        {
            await host.DisposeAsync();
        }

        output.WriteLine($"{Kills} kills; {loads.Sum(l => l.Acknowledged)} runs were acknowledged before them, {loads.Sum(l => l.Retried)} were tried again after.");
    }
}
