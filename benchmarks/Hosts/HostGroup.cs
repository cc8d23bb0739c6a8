using System.Text.Json.Nodes;
using Npgsql;

namespace PluginHost.Benchmarks.Hosts;

/// <summary>Hosts that share a new schema. Disposing kills them and removes the schema.</summary>
internal sealed class HostGroup : IAsyncDisposable
{
    private const string Configuration = """
        {
          "Plugins": {
            "postgres-history": { "Options": { "ConnectionString": { "Environment": "DATABASE" }, "Schema": "SCHEMA" } },
            "postgres-sessions": { "Options": { "ConnectionString": { "Environment": "DATABASE" }, "Schema": "SCHEMA" } }
          },
          "Agents": { "assistant": { "Chain": [ { "Plugin": "postgres-history" } ] } },
          "Sessions": { "Store": { "Plugin": "postgres-sessions" } },
          "Server": { "RequestsPerSecond": 1000000 },
          "Cluster": { "Key": { "Environment": "CLUSTER_KEY" } }
        }
        """;

    private readonly HostsOptions _options;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pluginhost-hosts-");
    private readonly List<HostProcess> _hosts = [];
    private readonly List<HttpClient> _clients = [];

    private HostGroup(HostsOptions options)
    {
        _options = options;
        Database = NpgsqlDataSource.Create(options.Database);
        File.WriteAllText(Path.Combine(_folder.FullName, "hosts.json"), Configuration.Replace("SCHEMA", Schema, StringComparison.Ordinal));
    }

    public string Schema { get; } = $"benchmark_{Guid.NewGuid():N}";

    public NpgsqlDataSource Database { get; }

    public static async Task<HostGroup> CreateAsync(HostsOptions options, CancellationToken cancellationToken)
    {
        var group = new HostGroup(options);
        await group.ExecuteAsync($"CREATE SCHEMA {group.Schema}", cancellationToken);
        return group;
    }

    public async Task<HostProcess> StartAsync(string name, CancellationToken cancellationToken)
    {
        var address = $"http://127.0.0.1:{HostProcess.FindPort()}";
        var host = await HostProcess.StartAsync(
            _options.HostAssembly,
            Path.Combine(_folder.FullName, "hosts.json"),
            _folder.FullName,
            [
                new("DATABASE", _options.Database.ConnectionString), new("CLUSTER_KEY", "a-key-of-all-hosts-of-the-benchmark"), new("Cluster__HostName", name),
                new("Cluster__Address", address), new("Server__Listen__0", address),
            ],
            cancellationToken);
        _hosts.Add(host);
        return host;
    }

    public HttpClient Connect(HostProcess host)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(30) };
        _clients.Add(client);
        return client;
    }

    public static async Task RunAsync(HttpClient client, string session, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsJsonAsync($"/v1/sessions/{session}/runs", new JsonObject { ["input"] = "What is the weather in Rome?" }, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{(int)response.StatusCode}: {answer}");
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<T> QueryAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        foreach (var host in _hosts) await host.DisposeAsync();
        await ExecuteAsync($"DROP SCHEMA {Schema} CASCADE", CancellationToken.None);
        await Database.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
