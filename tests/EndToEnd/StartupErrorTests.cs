using System.Net;
using System.Net.Sockets;

namespace PluginHost.EndToEnd;

public sealed class StartupErrorTests
{
    [Fact]
    public async Task A_port_that_is_in_use_is_reported()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var folder = WorkFolder.CreateShipped();

        StartupFailure.Check(
            await RunningHost.RunAsync(folder, [], ("Server__Listen__0", $"http://{other.LocalEndpoint}")),
            "Server:Listen", other.LocalEndpoint.ToString()!, "in use");
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "PLUGINHOST_API_KEY")]
    [InlineData("http://*:0", "PLUGINHOST_API_KEY")]
    [InlineData("unix:/no/such/folder/host.sock", "there is no folder '/no/such/folder'")]
    [InlineData("https://127.0.0.1:0", "put a proxy before it")]
    public async Task An_address_that_the_host_cannot_listen_on_is_rejected_with_the_remedy(string address, string remedy)
    {
        using var folder = WorkFolder.CreateShipped();
        StartupFailure.Check(await RunningHost.RunAsync(folder, [], ("Server__Listen__0", address)), "Server:Listen", remedy);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_rejected()
    {
        using var folder = WorkFolder.CreateShipped();
        StartupFailure.Check(
            await RunningHost.RunAsync(folder, [], ("Server__Listen__0", "http://203.0.113.1:5080"), ("PLUGINHOST_API_KEY", "open-sesame")),
            "Server:Listen", "203.0.113.1:5080");
    }

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        using var folder = WorkFolder.Create("""
            {
              "Agents": {
                "assistant": {
                  "Model": { "Client": "echoo" },
                  "Chain": [
                    { "Plugin": "sqlite-histroy" },
                    { "Plugin": "memory", "Options": { "MaxFacts": "many" } },
                    { "Plugin": "sqlite-history", "Options": { "Windw": 3 } },
                    { "Plugin": "sqlite-sessions" }
                  ]
                }
              },
              "PluginFolders": [ "plugins" ],
              "Sesions": {},
              "Server": { "MaxBodyBytes": -1 }
            }
            """);
        Directory.CreateDirectory(folder["plugins/Hollow"]);
        folder.Write("plugins/Text/Text.dll", "no assembly");
        Directory.CreateDirectory(folder["plugins/.cache"]);

        var failed = await RunningHost.RunAsync(folder, [], ("OTEL_TRACES_EXPORTER", "nonsense"));

        StartupFailure.Check(
            failed,
            "10 errors:",
            "Agents:assistant:Model:Client", "Agents:assistant:Chain:0", "sqlite-history", "Agents:assistant:Chain:1:Options:MaxFacts",
            "Agents:assistant:Chain:2:Options:Windw", "Agents:assistant:Chain:3", "Sesions", "Server:MaxBodyBytes",
            "holds no Hollow.dll", "Text.dll is not a .NET assembly", "OTEL_TRACES_EXPORTER");
        Assert.DoesNotContain(".cache", failed.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["data"]), "A failed start must not create files.");
    }

    [Theory]
    [InlineData("{ \"Agents\": ", "appsettings.json")]
    [InlineData("{ \"Agents\": {} }", "There is no agent")]
    public async Task A_configuration_without_agents_or_with_invalid_JSON_is_rejected(string configuration, string expected)
    {
        using var folder = WorkFolder.Create(configuration);
        StartupFailure.Check(await RunningHost.RunAsync(folder, []), expected);
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_reported_with_its_path()
    {
        using var folder = WorkFolder.CreateShipped();
        folder.Write("data/sessions.db", string.Concat(Enumerable.Repeat("This is no database. ", 100)));
        StartupFailure.Check(await RunningHost.RunAsync(folder, []), "sqlite-sessions", folder["data/sessions.db"]);
    }
}
