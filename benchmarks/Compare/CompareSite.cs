using PluginHost.Benchmarks.Http;

namespace PluginHost.Benchmarks.Compare;

/// <summary>A folder for the data of servers, and the servers. Disposing ends them and deletes the folder.</summary>
internal sealed class CompareSite(CompareOptions options) : IAsyncDisposable
{
    private readonly WorkFolder _root = new("compare");
    private readonly List<ServerProcess> _servers = [];
    private int _folders;

    /// <summary>Starts the host.</summary>
    /// <param name="form">Its form.</param>
    /// <param name="address">Where it listens; null for a free port.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ServerProcess> StartHostAsync(HostForm form, string? address, CancellationToken cancellationToken)
    {
        var folder = CreateFolder();
        var file = Path.Combine(folder, "appsettings.json");
        await File.WriteAllTextAsync(file, form.Configuration, cancellationToken);
        var variables = form.Variables.ToDictionary(v => v.Name, v => v.Value);
        variables["Server__RequestsPerSecond"] = "1000000";
        if (address is not null) variables["Server__Listen__0"] = address;
        return Add(await HostProcess.StartAsync(options.HostAssembly, file, folder, variables, cancellationToken));
    }

    /// <summary>Starts a server of the command <c>serve</c> that needs a database.</summary>
    public Task<ServerProcess> StartPeerAsync(string kind, CancellationToken cancellationToken) =>
        StartPeerAsync(kind, RunningServer.FreePort, ["--data", Path.Combine(CreateFolder(), "peer.db")], cancellationToken);

    /// <summary>Starts a server of the command <c>serve</c>.</summary>
    public async Task<ServerProcess> StartPeerAsync(string kind, string address, IEnumerable<string> more, CancellationToken cancellationToken) =>
        Add(await PeerProcess.StartAsync([ServeCommand.Name, kind, "--url", address, .. more], cancellationToken));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        _root.Dispose();
    }

    private ServerProcess Add(ServerProcess server)
    {
        _servers.Add(server);
        return server;
    }

    private string CreateFolder() => Directory.CreateDirectory(Path.Combine(_root.Path, $"server-{++_folders}")).FullName;
}
