using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd.ManyHosts;

[Trait("Form", "Long")]
public sealed class WrongAddressTests
{
    [PostgresFact]
    public async Task Hosts_with_one_address_are_named_in_the_logs_and_to_callers()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "one_address");
        var first = await group.StartAsync("first");
        var second = await group.StartAsync("second", ("Cluster__Address", first.Address));
        await second.Api.AskAgentAsync("assistant", "ada", "one");

        using var response = await first.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { agent = "assistant", input = "two" });

        var problem = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, problem);
        Assert.Contains("session-elsewhere", problem, StringComparison.Ordinal);
        Assert.Contains("Give each host a Cluster:Address that leads to it alone", problem, StringComparison.Ordinal);
        await first.WaitForLogAsync(new Regex("Host 'second' .* has the same address"));
        await second.WaitForLogAsync(new Regex("Host 'first' .* has the same address"));
    }
}
