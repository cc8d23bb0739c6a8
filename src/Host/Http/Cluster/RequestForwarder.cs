using System.Diagnostics;
using System.Net;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Hosts;
using PluginHost.Http.Binding;
using PluginHost.Http.Errors;
using PluginHost.Sdk;
using Yarp.ReverseProxy.Forwarder;

namespace PluginHost.Http.Cluster;

/// <summary>Passes a request on to the host that has its session, and the answer back, as they come. Thread-safe.</summary>
internal sealed class RequestForwarder(IHttpForwarder forwarder, HostMembership hosts, ClusterKey key) : IDisposable
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
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    });

    /// <returns>False when the other host did not take the request, so that it can be sent again.</returns>
    /// <exception cref="ProblemException">The other host was lost with the request, or has another key.</exception>
    public async ValueTask<bool> TryForwardAsync(HttpContext context, HostDescription host)
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

        if (transformer.HasMoved) return false;
        if (error == ForwarderError.None || context.RequestAborted.IsCancellationRequested) return true;
        if (context.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            context.Abort();
            return true;
        }

        if (MayRepeat(context, error)) return false;
        context.Response.Clear();
        throw new ProblemException(
            HttpProblemTypes.HostLost,
            $"Host '{host.Name}', which had the request, was lost before it answered. Whether the request was done is unknown: read the session, or send it again with the same Idempotency-Key.")
        {
            RetryAfterSeconds = (int)HostLease.Duration.TotalSeconds,
        };
    }

    public void Dispose() => _client.Dispose();

    private static bool MayRepeat(HttpContext context, ForwarderError error) =>
        HttpMethods.IsGet(context.Request.Method) || context.Request.Headers.ContainsKey(IdempotencyHeader.Name)
        || (error == ForwarderError.Request && context.GetForwarderErrorFeature()?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError });
}
