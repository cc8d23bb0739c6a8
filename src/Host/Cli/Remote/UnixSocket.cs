using System.Net.Sockets;
using PluginHost.Engine.Configuration.Listening;

namespace PluginHost.Cli.Remote;

/// <summary>Connects to hosts that listen on a Unix socket.</summary>
internal static class UnixSocket
{
    private const string Http = "http://";

    /// <summary>
    /// Gets the path from <c>unix:/path</c>, or from <c>http://unix:/path</c>, the form that the web server logs. Returns null for other
    /// addresses.
    /// </summary>
    public static string? GetPath(string address) =>
        SocketAddress.TryGetPath(address.StartsWith(Http, StringComparison.OrdinalIgnoreCase) ? address[Http.Length..] : address);

    public static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
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
    }
}
