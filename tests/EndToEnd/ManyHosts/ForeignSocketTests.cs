using System.Net.WebSockets;
using System.Text;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd.ManyHosts;

[Trait("Form", "Long")]
public sealed class ForeignSocketTests
{
    [PostgresFact]
    public async Task A_request_over_a_WebSocket_for_a_session_of_another_host_is_refused_with_what_to_do()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "sockets");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));
        await first.Api.AskAgentAsync("assistant", "ada", "one");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(second.Address.Replace("http:", "ws:", StringComparison.Ordinal) + "/v1/responses"), default);
        var request = Encoding.UTF8.GetBytes("""{"type":"response.create","model":"assistant","conversation":"ada","input":"two"}""");

        await socket.SendAsync(request.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, default);

        var buffer = new byte[64 * 1024];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), default).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        var error = Encoding.UTF8.GetString(buffer, 0, received.Count);
        Assert.Contains("Host 'first' has session 'ada'", error, StringComparison.Ordinal);
        Assert.Contains("Send it as POST", error, StringComparison.Ordinal);
    }
}
