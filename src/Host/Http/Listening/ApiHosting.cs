using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Listening;

/// <summary>Makes the server listen where the configuration says, within its limits.</summary>
internal static class ApiHosting
{
    /// <summary>How long a connection may be slower than it must be on average.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <exception cref="FormatException">An address cannot be read.</exception>
    /// <exception cref="InvalidOperationException">An address that others can reach, without API keys.</exception>
    public static void AddListening(this IServiceCollection services, ServerConfiguration server)
    {
        var addresses = server.Listen.Select(ListenAddress.Parse).ToList();
        if (!server.NeedsAuthentication && addresses.FindIndex(a => !a.IsLocal) is >= 0 and var open)
        {
            throw new InvalidOperationException(
                $"{server.Listen[open]} can be reached from other machines, and no API keys are configured. "
                + "Configure Server:ApiKeys, or listen on 127.0.0.1 or a Unix socket.");
        }

        services.AddSingleton<ConnectionLimits>();
        services.AddOptions<KestrelServerOptions>().Configure<ConnectionLimits>((kestrel, connections) =>
        {
            kestrel.AddServerHeader = false;
            Limit(kestrel.Limits, server);
            foreach (var address in addresses) Listen(kestrel, address, connections.Apply);
        });
        services.AddOptions<SocketTransportOptions>().Configure<ILoggerFactory>((sockets, loggers) =>
        {
            var logger = loggers.CreateLogger(typeof(UnixSockets).FullName!);
            sockets.CreateBoundListenSocket = endPoint => UnixSockets.Bind(endPoint, server.SocketAccess, logger);
        });
    }

    private static void Limit(KestrelServerLimits limits, ServerConfiguration server)
    {
        limits.MaxRequestBodySize = server.MaxBodyBytes;
        limits.RequestHeadersTimeout = server.HeaderTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(server.MinBytesPerSecond, Grace);
        limits.MinResponseDataRate = new MinDataRate(server.MinBytesPerSecond, Grace);
    }

    /// <summary>Makes the server listen on one address.</summary>
    public static void Listen(KestrelServerOptions kestrel, ListenAddress address, Action<ListenOptions> configure)
    {
        if (address.SocketPath is { } path) kestrel.ListenUnixSocket(path, configure);
        else if (Equals(address.Address, IPAddress.IPv6Any)) kestrel.ListenAnyIP(address.Port, configure);
        else if (address.Address is { } ip) kestrel.Listen(ip, address.Port, configure);
        else kestrel.ListenLocalhost(address.Port, configure);
    }
}
