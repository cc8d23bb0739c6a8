using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd.ManyHosts;

/// <summary>Hosts on this machine that share one schema of PostgreSQL.</summary>
internal sealed class HostGroup : IAsyncDisposable
{
    public const string Key = "a-key-of-all-hosts-of-this-test";

    private const string Configuration = """
        {
          "Plugins": {
            "postgres-history": { "Options": { "ConnectionString": { "Environment": "DATABASE" }, "Schema": "SCHEMA" } },
            "postgres-sessions": { "Options": { "ConnectionString": { "Environment": "DATABASE" }, "Schema": "SCHEMA" } }
          },
          "Agents": {
            "assistant": { "Chain": [ { "Plugin": "postgres-history" } ] },
            "careful": { "Chain": [ { "Plugin": "postgres-history" }, { "Plugin": "memory", "Host": { "Approve": [ "remember" ] } } ] },
            "typing": { "Model": { "Client": "echo", "DelayMilliseconds": 400 }, "Chain": [ { "Plugin": "postgres-history" } ] }
          },
          "Sessions": { "Store": { "Plugin": "postgres-sessions" } },
          "Cluster": { "Key": { "Environment": "CLUSTER_KEY" } },
          "Logging": { "LogLevel": { "Default": "Information", "Microsoft.AspNetCore": "Warning" } }
        }
        """;

    private readonly WorkFolder _folder;
    private readonly string _database;
    private readonly List<RunningHost> _hosts = [];

    private HostGroup(WorkFolder folder, string database) => (_folder, _database) = (folder, database);

    /// <inheritdoc cref="Create(string, string)"/>
    public static HostGroup Create(PostgresServer server, string schema) => Create(server.ConnectionString, schema);

    /// <param name="database">How the hosts connect to the database.</param>
    /// <param name="schema">A schema that no other test uses.</param>
    public static HostGroup Create(string database, string schema) =>
        new(WorkFolder.Create(Configuration.Replace("SCHEMA", schema, StringComparison.Ordinal)), database);

    /// <summary>Starts one more host.</summary>
    public async Task<RunningHost> StartAsync(string name, params (string Name, string Value)[] variables)
    {
        var address = $"http://127.0.0.1:{FindPort()}";
        var host = await RunningHost.StartAsync(
            _folder,
            [("DATABASE", _database), ("CLUSTER_KEY", Key), ("Server__Listen__0", address), ("Cluster__Address", address), ("Cluster__HostName", name), .. variables]);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Writes a configuration in which an agent has another name.</summary>
    /// <returns>The variable that lets a host use it.</returns>
    public (string Name, string Value) Rename(string agent, string name)
    {
        var file = Path.Combine(_folder.Path, $"{name}.json");
        File.WriteAllText(file, File.ReadAllText(Path.Combine(_folder.Path, "config", "appsettings.json")).Replace($"\"{agent}\"", $"\"{name}\"", StringComparison.Ordinal));
        return ("PLUGINHOST_CONFIG", file);
    }

    /// <summary>Suspends a host, as a machine that is overloaded does.</summary>
    public static Task SuspendAsync(RunningHost host) => SignalAsync(host, "STOP");

    public static Task ContinueAsync(RunningHost host) => SignalAsync(host, "CONT");

    /// <summary>Waits until the lease of a host is over, as another host sees it.</summary>
    public static Task WaitForLostAsync(RunningHost other, string name) => PostgresServer.WaitAsync(async () =>
    {
        var hosts = (await other.Api.GetAsync("/v1/hosts"))["data"]!.AsArray();
        return hosts.All(h => (string)h!["name"]! != name || (string)h["lease"]! != "live");
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task SignalAsync(RunningHost host, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{host.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>A port that is free now.</summary>
    public static int FindPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
