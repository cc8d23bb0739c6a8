using PluginHost.Engine.Sessions.Hosts;
using Yarp.ReverseProxy.Forwarder;

namespace PluginHost.Http.Cluster;

/// <summary>Marks a request that is passed on, and looks at the answer before anything of it is sent to the caller.</summary>
internal sealed class HostTransformer(HostMembership hosts, ClusterKey key) : HttpTransformer
{
    private string? _nonce;

    /// <summary>The host that has answered that it does not have the session, or stops; null for none.</summary>
    public string? MovedAt { get; private set; }

    /// <summary>Whether the answer is not from a host with the same key.</summary>
    public bool IsUnproven { get; private set; }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        // The name that the caller used is not one of the other host.
        proxyRequest.Headers.Host = null;
        proxyRequest.Headers.Add(ClusterKey.ForwardedHeader, hosts.Id);
        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, httpContext.Request.Path, httpContext.Request.QueryString);
        _nonce = key.Sign(httpContext, proxyRequest);
    }

    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null) return base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        IsUnproven = !key.IsProven(proxyResponse, _nonce);
        MovedAt = !IsUnproven && proxyResponse.Headers.TryGetValues(ClusterKey.MovedHeader, out var hostIds) ? hostIds.First() : null;
        if (IsUnproven || MovedAt is not null) return new(false);
        // It is for this host only.
        proxyResponse.Headers.Remove(ClusterKey.ProofHeader);
        return base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }
}
