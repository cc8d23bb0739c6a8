using System.Net;
using PluginHost.Sdk;

namespace PluginHost.Shared;

/// <summary>The connections to servers, which all instances of a plugin share.</summary>
internal static class ServerConnections
{
    /// <summary>Creates a client. Disposing it leaves the connections open.</summary>
    public static HttpClient CreateClient(PluginContext context, CallLimits limits, ServerFailures failures)
    {
        var handler = new ServerHandler(limits, failures, context.Logger, context.TimeProvider) { InnerHandler = context.Share("connections", Open) };
        return new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static SocketsHttpHandler Open() => new()
    {
        // Saves handshakes, but still follows DNS changes.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
        AutomaticDecompression = DecompressionMethods.All,
        UseCookies = false,
        // A redirect could carry a key to another host.
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = new TraceIdPropagator(),
    };
}
