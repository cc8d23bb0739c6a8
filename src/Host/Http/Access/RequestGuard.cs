using PluginHost.Engine.Errors;
using PluginHost.Http.Cluster;
using PluginHost.Http.Errors;
using PluginHost.Http.Listening;

namespace PluginHost.Http.Access;

/// <summary>Refuses, before any other work, requests that no caller may send, and those beyond the limits of the host.</summary>
internal sealed class RequestGuard(RequestDelegate next, LocalRequests local, RequestShares shares, ClusterKey cluster)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var connection = context.Features.Get<OpenConnection>();
        var open = context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>();
        // Health reveals nothing, and has to answer when the host is busy.
        var isOpen = open is { HasLimits: false };
        try
        {
            var hasPlace = connection?.Begin() != false;
            // Before the limits, so that the other host sees that their refusals come from a host.
            if (open is null && cluster.Accept(context) is { } forwarded) context.Features.Set(forwarded);
            if (!hasPlace && !isOpen) throw TooManyConnections(context);
            using var slot = isOpen ? null : Admit(context);
            await next(context);
        }
        finally
        {
            connection?.End();
        }
    }

    private RequestSlot Admit(HttpContext context)
    {
        // The host that passes a request on has checked it, and uses another name.
        if (context.Features.Get<Caller>() is null) local.Check(context);
        CheckEncoding(context.Request);
        var slot = new RequestSlot(shares);
        context.Features.Set(slot);
        return slot;
    }

    private static ProblemException TooManyConnections(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        return RequestShares.Overloaded("All connections of the host are in use (Server:MaxConnections).");
    }

    /// <summary>A compressed body would evade the limit of its size.</summary>
    private static void CheckEncoding(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding;
        if (encoding.Count == 0 || encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase)) return;
        throw new ProblemException(
            HttpProblemTypes.UnsupportedMediaType, "The host takes no compressed bodies: send it as it is, without Content-Encoding.");
    }
}
