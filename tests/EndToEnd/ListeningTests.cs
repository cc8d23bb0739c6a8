using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace PluginHost.EndToEnd;

public sealed class ListeningTests
{
    [Fact]
    public async Task A_host_serves_on_a_Unix_socket_and_restarts_there_after_kill_9()
    {
        using var folder = WorkFolder.CreateShipped();
        (string, string) socket = ("Server__Listen__0", $"unix:{folder["host.sock"]}");
        await using (var host = await RunningHost.StartAsync(folder, socket))
        {
            Assert.Equal("Echo: hello (0 earlier messages)", await host.Api.AskAsync("ada", "hello"));
            await host.KillAsync();
        }

        Assert.True(File.Exists(folder["host.sock"]));
        await using var restarted = await RunningHost.StartAsync(folder, socket);
        Assert.Equal("Echo: again (2 earlier messages)", await restarted.Api.AskAsync("ada", "again"));
    }

    [Fact]
    public async Task With_API_keys_a_host_may_listen_on_any_address_and_requires_a_key()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ("Server__Listen__0", "http://0.0.0.0:0"), ("PLUGINHOST_API_KEY", "open-sesame"));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{new Uri(host.Address).Port}"), Timeout = ChildProcess.TimeLimit };

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health/live", null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health/ready", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/v1/agents", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/v1/agents", "open-says-me"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/v1/agents", "open-sesame"));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "open-sesame");
        using var run = await client.PostAsync(new Uri("/v1/sessions/ada/runs", UriKind.Relative), JsonContent.Create(new { input = "hello" }));
        Assert.Equal(HttpStatusCode.OK, run.StatusCode);
        Assert.DoesNotContain("open-sesame", host.Transcript, StringComparison.Ordinal);

        async Task<HttpStatusCode> StatusAsync(string path, string? key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var response = await client.SendAsync(request);
            return response.StatusCode;
        }
    }
}
