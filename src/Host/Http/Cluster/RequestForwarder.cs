using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Hosts;
using PluginHost.Http.Binding;
using PluginHost.Http.Errors;
using PluginHost.Sdk;
using Yarp.ReverseProxy.Forwarder;

namespace PluginHost.Http.Cluster;

/// <summary>Passes a request on to the host that has its session, and the answer back, as they come. Thread-safe.</summary>
internal sealed class RequestForwarder(IHttpForwarder forwarder, HostMembership hosts, ClusterKey key, ClusterTls? tls = null) : IDisposable
{
    private static readonly ForwarderRequestConfig Settings = new()
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        // A model may take long before it answers. A host that is lost ends its requests before.
        ActivityTimeout = TimeSpan.FromHours(1),
    };

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        ConnectTimeout = TimeSpan.FromSeconds(2),
        SslOptions = tls?.ForClient() ?? new SslClientAuthenticationOptions(),
        // As Kestrel reads them.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectCallback = static (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, cancellationToken),
    });

    /// <summary>A host that refuses this one's certificate closes the connection, as one that is lost does.</summary>
    private readonly string _otherCause = tls is null ? "" : " If that host runs, its log says whether it refuses the certificate of this one (Cluster:Tls).";

    /// <exception cref="ProblemException">The other host was lost with the request, or has another key.</exception>
    public async ValueTask<ForwardResult> TryForwardAsync(HttpContext context, HostDescription host)
    {
        if (context.Features.Get<ForwardableBody>()?.Bytes is { } body) context.Request.Body = new MemoryStream(body);
        context.Response.Clear();
        var transformer = new HostTransformer(hosts, key);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(hosts.LeaseOf(host.Id));
        var error = await forwarder.SendAsync(context, host.Address!, _client, Settings, transformer, gone.Token);
        if (transformer.IsUnproven)
        {
            throw new ProblemException(
                HttpProblemTypes.ClusterKeyRefused, $"What answers at {host.Address} is not a host with this host's key. Give all hosts the same Cluster:Key, and each a Cluster:Address that leads to it alone.");
        }

        if (transformer.MovedAt is { } id) return id == host.Id ? ForwardResult.NotTaken : ForwardResult.WrongHost;
        if (error == ForwarderError.None || context.RequestAborted.IsCancellationRequested) return ForwardResult.Answered;
        // A host that is lost or full ends a connection in the handshake, too, with another exception.
        if (context.GetForwarderErrorFeature()?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException })
        {
            throw new ProblemException(
                HttpProblemTypes.ClusterKeyRefused,
                $"There is no TLS connection to host '{host.Name}' at {host.Address}: its certificate is not accepted. Give all hosts certificates of the same authorities, with the same name (Cluster:Tls).");
        }

        if (context.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            context.Abort();
            return ForwardResult.Answered;
        }

        if (MayRepeat(context, error)) return ForwardResult.NotTaken;
        context.Response.Clear();
        throw new ProblemException(
            HttpProblemTypes.HostLost,
            $"Host '{host.Name}', which had the request, was lost before it answered. Whether the request was done is unknown: read the session, or send it again with the same Idempotency-Key.{_otherCause}")
        {
            RetryAfterSeconds = (int)HostLease.Duration.TotalSeconds,
        };
    }

    public void Dispose() => _client.Dispose();

    /// <summary>A connection that notices within half a minute that the network to the other host is cut, however long the answer takes.</summary>
    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(host, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool MayRepeat(HttpContext context, ForwarderError error) =>
        HttpMethods.IsGet(context.Request.Method) || context.Request.Headers.ContainsKey(IdempotencyHeader.Name) || WasNotSent(context, error);

    /// <summary>Whether there was no connection, or nothing of the body was sent.</summary>
    private static bool WasNotSent(HttpContext context, ForwarderError error)
    {
        if (context.Request.Body is MemoryStream { Length: > 0, Position: 0 }) return true;
        return (error, context.GetForwarderErrorFeature()?.Exception) switch
        {
            (ForwarderError.Request, HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
            }) => true,
            // ConnectTimeout. The timeout of the whole request has no such cause.
            (ForwarderError.RequestTimedOut, OperationCanceledException { InnerException: TimeoutException }) => true,
            _ => false,
        };
    }
}
