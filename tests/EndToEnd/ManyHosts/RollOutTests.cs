using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd.ManyHosts;

/// <summary>Hosts get a new configuration one after the other.</summary>
[Trait("Form", "Long")]
public sealed class RollOutTests
{
    [PostgresFact]
    public async Task A_new_agent_runs_on_a_session_that_a_host_without_it_has_through_another_host_without_it()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "roll_out");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));
        var third = await group.StartAsync("third", group.Rename("typing", "newer"));
        foreach (var host in new[] { first, second }) await PostgresServer.WaitAsync(async () => (await host.Api.GetAsync("/v1/hosts"))["data"]!.AsArray().Count == 3);
        await first.Api.AskAgentAsync("assistant", "ada", "one");

        Assert.Equal("Echo: two (2 earlier messages)", await second.Api.AskAgentAsync("newer", "ada", "two"));
        Assert.Equal(4, (await third.Api.ListMessagesAsync("ada")).Count);
    }
}
