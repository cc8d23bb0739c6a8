using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>A running server on a loopback port.</summary>
internal sealed class RunningServer(WebApplication app) : IAsyncDisposable
{
    public int Port { get; } = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public static async Task<RunningServer> StartAsync(WebApplication app)
    {
        await app.StartAsync();
        return new RunningServer(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
