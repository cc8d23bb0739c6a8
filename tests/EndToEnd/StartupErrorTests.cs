using System.Net;
using System.Net.Sockets;

namespace PluginHost.EndToEnd;

public sealed class StartupErrorTests
{
    [Fact]
    public async Task A_port_that_is_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var folder = WorkFolder.Shipped();

        StartupRefusal.Check(
            await RunningHost.RunAsync(folder, [], ("Server__Listen__0", $"http://{other.LocalEndpoint}")),
            "Server:Listen", other.LocalEndpoint.ToString()!, "in use");
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "PLUGINHOST_API_KEY")]
    [InlineData("http://*:0", "PLUGINHOST_API_KEY")]
    [InlineData("unix:/no/such/folder/host.sock", "there is no folder '/no/such/folder'")]
    [InlineData("https://127.0.0.1:0", "put a proxy before it")]
    public async Task An_address_that_cannot_be_listened_on_is_refused_with_the_cure(string address, string told)
    {
        using var folder = WorkFolder.Shipped();
        StartupRefusal.Check(await RunningHost.RunAsync(folder, [], ("Server__Listen__0", address)), "Server:Listen", told);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_refused()
    {
        using var folder = WorkFolder.Shipped();
        StartupRefusal.Check(
            await RunningHost.RunAsync(folder, [], ("Server__Listen__0", "http://203.0.113.1:5080"), ("PLUGINHOST_API_KEY", "secret")),
            "Server:Listen", "203.0.113.1:5080");
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once()
    {
        using var folder = WorkFolder.Configured("""
            {
              "Agents": {
                "assistant": {
                  "Model": { "Client": "echoo" },
                  "Chain": [
                    { "Plugin": "sqlite-histroy" },
                    { "Plugin": "memory", "MaxFacts": "many" },
                    { "Plugin": "sqlite-history", "Windw": 3 },
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

        var refused = await RunningHost.RunAsync(folder, [], ("OTEL_TRACES_EXPORTER", "nonsense"));

        StartupRefusal.Check(
            refused,
            "10 errors:",
            "Agents:assistant:Model:Client", "Agents:assistant:Chain:0", "sqlite-history", "Agents:assistant:Chain:1:MaxFacts",
            "Agents:assistant:Chain:2:Windw", "Agents:assistant:Chain:3", "Sesions", "Server:MaxBodyBytes",
            "holds no Hollow.dll", "Text.dll is not a .NET assembly", "OTEL_TRACES_EXPORTER");
        Assert.DoesNotContain(".cache", refused.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["data"]), "A start that is refused must leave nothing behind.");
    }

    [Theory]
    [InlineData("{ \"Agents\": ", "appsettings.json")]
    [InlineData("{ \"Agents\": {} }", "There is no agent")]
    public async Task A_configuration_that_is_none_is_refused(string configuration, string told)
    {
        using var folder = WorkFolder.Configured(configuration);
        StartupRefusal.Check(await RunningHost.RunAsync(folder, []), told);
    }

    [Fact]
    public async Task A_database_that_is_none_is_refused_by_name()
    {
        using var folder = WorkFolder.Shipped();
        folder.Write("data/sessions.db", string.Concat(Enumerable.Repeat("This is no database. ", 100)));
        StartupRefusal.Check(await RunningHost.RunAsync(folder, []), "sqlite-sessions", folder["data/sessions.db"]);
    }
}
