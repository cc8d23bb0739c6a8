using PluginHost.Benchmarks.Http;

namespace PluginHost.Benchmarks.Compare;

/// <summary>A folder for the data of servers, and the servers. Disposing ends them and deletes the folder.</summary>
internal sealed class CompareSite(CompareOptions options) : IAsyncDisposable
{
    private const string Sqlite = """
        {
          "Agents": { "assistant": { "Model": { "Client": "echo" }, "Chain": [ { "Plugin": "sqlite-history", "Host": { "Window": 50 } } ] } },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } },
          "Plugins": { "sqlite-history": { "Options": { "Path": "data/sessions.db" } }, "sqlite-sessions": { "Options": { "Path": "data/sessions.db" } } }
        }
        """;

    private const string Files = """
        {
          "Agents": { "assistant": { "Model": { "Client": "echo" }, "Chain": [ { "Plugin": "file-history", "Host": { "Window": 50 } } ] } },
          "Sessions": { "Store": { "Plugin": "file-sessions" } }
        }
        """;

    /// <summary>On the disk of the repository, in a folder that git ignores, because a kill leaves it.</summary>
    private readonly string _root = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, "artifacts", $"compare-{Guid.NewGuid():N}")).FullName;

    private readonly List<ServerProcess> _servers = [];
    private int _folders;

    /// <summary>Starts the host with both SQLite stores.</summary>
    /// <param name="address">Where it listens; null for a free port.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ServerProcess> StartHostAsync(string? address, CancellationToken cancellationToken) => StartHostAsync(Sqlite, address, cancellationToken);

    /// <summary>Starts the host with both stores of files.</summary>
    public Task<ServerProcess> StartHostOnFilesAsync(CancellationToken cancellationToken) => StartHostAsync(Files, null, cancellationToken);

    /// <summary>Starts a server of the command <c>serve</c> that needs a database.</summary>
    public Task<ServerProcess> StartPeerAsync(string kind, CancellationToken cancellationToken) =>
        StartPeerAsync(kind, RunningServer.FreePort, ["--data", Path.Combine(CreateFolder(), "peer.db")], cancellationToken);

    /// <summary>Starts a server of the command <c>serve</c>.</summary>
    public async Task<ServerProcess> StartPeerAsync(string kind, string address, IEnumerable<string> more, CancellationToken cancellationToken) =>
        Add(await PeerProcess.StartAsync([ServeCommand.Name, kind, "--url", address, .. more], cancellationToken));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private async Task<ServerProcess> StartHostAsync(string configuration, string? address, CancellationToken cancellationToken)
    {
        var folder = CreateFolder();
        var file = Path.Combine(folder, "appsettings.json");
        await File.WriteAllTextAsync(file, configuration, cancellationToken);
        var variables = new Dictionary<string, string> { ["Server__RequestsPerSecond"] = "1000000" };
        if (address is not null) variables["Server__Listen__0"] = address;
        return Add(await HostProcess.StartAsync(options.HostAssembly, file, folder, variables, cancellationToken));
    }

    private ServerProcess Add(ServerProcess server)
    {
        _servers.Add(server);
        return server;
    }

    private string CreateFolder() => Directory.CreateDirectory(Path.Combine(_root, $"server-{++_folders}")).FullName;
}
