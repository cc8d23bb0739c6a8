using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd;

/// <summary>The configurations of deploy/ for reverse proxies, with the real proxies.</summary>
public sealed class ProxyTests
{
    private const string Name = "ai.example.com";

    [ProgramFact("nginx")]
    public Task Events_pass_nginx_while_the_run_continues() => CheckAsync((folder, port, host) =>
    {
        var server = Read("nginx/pluginhost.conf")
            .Replace("listen 443 ssl http2;", $"listen 127.0.0.1:{port};", StringComparison.Ordinal)
            .Replace("127.0.0.1:5080", host, StringComparison.Ordinal);
        folder.Write("server.conf", Regex.Replace(server, " *ssl_certificate.*\n", ""));
        var main = folder.Write("nginx.conf", $$"""
            daemon off;
            master_process off;
            pid {{folder["nginx.pid"]}};
            error_log stderr notice;
            events { }
            http {
              access_log off;
              client_body_temp_path {{folder["body"]}};
              proxy_temp_path {{folder["proxy"]}};
              fastcgi_temp_path {{folder["fastcgi"]}};
              uwsgi_temp_path {{folder["uwsgi"]}};
              scgi_temp_path {{folder["scgi"]}};
              include {{folder["server.conf"]}};
            }
            """);
        return ($"exec nginx -p '{folder.Path}' -c '{main}'", new Regex("nginx/[0-9]"));
    });

    [ProgramFact("caddy")]
    public Task Events_pass_Caddy_while_the_run_continues() => CheckAsync((folder, port, host) =>
    {
        var site = Read("caddy/Caddyfile").Replace($"{Name} {{", $"http://{Name}:{port} {{", StringComparison.Ordinal).Replace("127.0.0.1:5080", host, StringComparison.Ordinal);
        var file = folder.Write("Caddyfile", "{\n\tadmin off\n}\n" + site);
        return ($"exec caddy run --config '{file}' --adapter caddyfile", new Regex("serving initial configuration"));
    });

    private static async Task CheckAsync(Func<WorkFolder, int, string, (string Command, Regex Ready)> configure)
    {
        var pause = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = pause });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model), ("Server__AllowedHosts__0", Name)]);
        var port = FindFreePort();
        var (command, ready) = configure(folder, port, new Uri(host.Address).Authority);
        await using var proxy = ChildProcess.StartProgram(
            ["bash", "-c", $"{command} 2>&1"], folder.Path, ("XDG_DATA_HOME", folder["caddy-data"]), ("XDG_CONFIG_HOME", folder["caddy-config"]));
        await proxy.WaitForAsync(ready);

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = ChildProcess.TimeLimit };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/ada/runs") { Content = JsonContent.Create(new { input = "hi", stream = true }) };
        request.Headers.Host = Name;
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        // The model has not said the rest yet.
        await ReadToAsync(reader, "event: message.delta");
        pause.Release();
        await ReadToAsync(reader, "event: run.completed");
    }

    private static async Task ReadToAsync(StreamReader reader, string line)
    {
        using var limit = new CancellationTokenSource(ChildProcess.TimeLimit);
        while (await reader.ReadLineAsync(limit.Token) is { } read)
        {
            if (read == line) return;
        }

        Assert.Fail($"The stream ended without '{line}'.");
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(BuildOutputs.RepositoryRoot, "deploy", file));

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
