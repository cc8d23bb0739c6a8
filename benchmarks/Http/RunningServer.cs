using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace PluginHost.Benchmarks.Http;

/// <summary>A running server on a loopback port.</summary>
internal sealed class RunningServer(WebApplication app) : IAsyncDisposable
{
    /// <summary>An address for a free port.</summary>
    public const string FreePort = "http://127.0.0.1:0";

    public string Address { get; } = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public int Port => new Uri(Address).Port;

    public static async Task<RunningServer> StartAsync(WebApplication app)
    {
        await app.StartAsync();
        return new RunningServer(app);
    }

    /// <summary>Prints the address, by which <see cref="PeerProcess"/> finds it, and serves until SIGTERM.</summary>
    public async Task ServeAsync(TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(Address);
        await output.FlushAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
