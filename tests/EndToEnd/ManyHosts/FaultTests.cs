using System.Diagnostics;
using PluginHost.Postgres.Tests.Server;
using Xunit.Abstractions;

namespace PluginHost.EndToEnd.ManyHosts;

/// <summary>Three hosts under load, with kills, suspensions, lost connections, and restarts of the database.</summary>
[Trait("Form", "Long")]
public sealed class FaultTests(ITestOutputHelper output)
{
    /// <summary>How many runs are acknowledged between two faults.</summary>
    private const int RunsBetween = 50;

    /// <summary>Each fault comes at least once. The longer form lasts for a time: <c>PLUGINHOST_E2E_FAULT_SECONDS=600</c>.</summary>
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("PLUGINHOST_E2E_FAULT_SECONDS"), out var seconds) ? seconds : 0);

    [PostgresFact]
    public async Task No_run_is_lost_doubled_or_out_of_order_while_hosts_are_killed_and_suspended_and_the_database_restarts()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await using var group = HostGroup.Create(PostgresServer.ConnectTo(proxy.Port), "faults");
        var hosts = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => group.StartAsync($"h{i}")));
        var load = new SharedLoad(callers: Time > TimeSpan.Zero ? 64 : 16, () => Volatile.Read(ref hosts[Random.Shared.Next(hosts.Length)]).Api);

        Func<int, Task>[] faults = [KillAsync, SuspendAsync, RestartDatabaseAsync, StopAsync, CutConnectionsAsync];
        using var stop = new CancellationTokenSource();
        var running = load.RunAsync(stop.Token);
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; round < faults.Length || Stopwatch.GetElapsedTime(began) < Time; round++)
        {
            await load.WaitForMoreAsync(RunsBetween);
            // Over time, each host has each fault.
            await faults[round % faults.Length](round % hosts.Length);
        }

        await load.WaitForMoreAsync(RunsBetween);
        await stop.CancelAsync();
        await running;
        output.WriteLine($"{load.Acknowledged} acknowledged in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s, the slowest after {load.Slowest.TotalSeconds:0.0} s.");
        foreach (var host in hosts) await load.CheckAsync(host.Api);

        async Task KillAsync(int index)
        {
            await hosts[index].KillAsync();
            Volatile.Write(ref hosts[index], await group.StartAsync($"h{index}"));
        }

        async Task SuspendAsync(int index)
        {
            await HostGroup.SuspendAsync(hosts[index]);
            await HostGroup.WaitForLostAsync(hosts[(index + 1) % hosts.Length], $"h{index}");
            await HostGroup.ContinueAsync(hosts[index]);
        }

        async Task RestartDatabaseAsync(int index)
        {
            await server.StopAsync();
            await server.StartAsync();
        }

        async Task StopAsync(int index)
        {
            await hosts[index].StopAsync();
            Volatile.Write(ref hosts[index], await group.StartAsync($"h{index}"));
        }

        Task CutConnectionsAsync(int index)
        {
            proxy.CutAll();
            return Task.CompletedTask;
        }
    }
}
