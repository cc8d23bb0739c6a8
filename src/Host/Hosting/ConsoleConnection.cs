using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using PluginHost.Http.Access;
using PluginHost.WebConsole.Pages;

namespace PluginHost.Hosting;

/// <summary>Connects the console with the API of the same host, over the address that the host listens on.</summary>
internal static class ConsoleConnection
{
    private const string UnixScheme = "http://unix:";
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    public static void MapConsole(this WebApplication app) => app.MapGroup("").WithMetadata(new LoginRedirect(ConsoleRoutes.LoginAddress)).MapConsole(
        app.MapGroup("").WithMetadata(OpenToAll.WithLimits),
        () => Connect(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        app.Services.GetRequiredService<TimeProvider>(),
        $"PluginHost {typeof(ConsoleConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}",
        ActivatorUtilities.CreateInstance<ConsoleLogin>(app.Services),
        new FormMemory());

    private static HttpClient Connect(string address)
    {
        var handler = new SocketsHttpHandler
        {
            // The API's own span of a call is enough, and belongs to no other.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionIdleTimeout = IdleTime,
            // As the server reads them: cookies of other applications on this machine are passed on as well.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        };
        if (address.StartsWith(UnixScheme, StringComparison.Ordinal)) handler.ConnectCallback = ConnectUnixAsync(address[UnixScheme.Length..]);
        return new HttpClient(handler) { BaseAddress = ToLocal(address) };
    }

    private static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> ConnectUnixAsync(string path) => async (_, cancellationToken) =>
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    };

    /// <summary>A server that listens on all addresses also listens on this machine's.</summary>
    private static Uri ToLocal(string address)
    {
        if (address.StartsWith(UnixScheme, StringComparison.Ordinal)) return new Uri("http://localhost");
        var uri = new UriBuilder(address);
        if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
            uri.Host = ip.AddressFamily == AddressFamily.InterNetwork ? "127.0.0.1" : "[::1]";
        return uri.Uri;
    }
}
