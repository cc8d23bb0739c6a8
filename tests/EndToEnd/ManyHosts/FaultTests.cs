using PluginHost.Postgres.Tests.Server;
using Xunit.Abstractions;

namespace PluginHost.EndToEnd.ManyHosts;

/// <summary>Three hosts under load, with kills, suspensions, and restarts of the database.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    /// <summary>The longer form: <c>PLUGINHOST_E2E_FAULT_SECONDS=600</c>.</summary>
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("PLUGINHOST_E2E_FAULT_SECONDS"), out var seconds) ? seconds : 30);

    [PostgresFact]
    public async Task No_run_is_lost_doubled_or_out_of_order_while_hosts_are_killed_and_suspended_and_the_database_restarts()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var group = HostGroup.Create(server, "faults");
        var hosts = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => group.StartAsync($"h{i}")));
        var load = new SharedLoad(callers: Time.TotalSeconds > 60 ? 64 : 16, () => Volatile.Read(ref hosts[Random.Shared.Next(hosts.Length)]).Api);

        var running = load.RunAsync(Time);
        for (var round = 0; !running.IsCompleted; round++)
        {
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System));
            if (running.IsCompleted) break;
            await InjectAsync(round);
        }

        await running;
        output.WriteLine($"{load.Acknowledged} acknowledged, the slowest after {load.Slowest.TotalSeconds:0.0} s.");
        Assert.True(load.Acknowledged > 100);
        foreach (var host in hosts) await load.CheckAsync(host.Api);

        async Task InjectAsync(int round)
        {
            var index = round % hosts.Length;
            var host = hosts[index];
            switch (round % 4)
            {
                case 0:
                    await host.KillAsync();
                    Volatile.Write(ref hosts[index], await group.StartAsync($"h{index}"));
                    break;
                case 1:
                    await HostGroup.SuspendAsync(host);
                    await Task.Delay(TimeSpan.FromSeconds(12), TimeProvider.System);
                    await HostGroup.ContinueAsync(host);
                    break;
                case 2:
                    await server.StopAsync();
                    await server.StartAsync();
                    break;
                default:
                    await host.StopAsync();
                    Volatile.Write(ref hosts[index], await group.StartAsync($"h{index}"));
                    break;
            }
        }
    }
}
