using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;
using PluginHost.Http.Listening;

namespace PluginHost.Http.Access;

/// <summary>Refuses, before any other work, requests that no caller may send, and those beyond the limits of the host.</summary>
internal sealed class RequestGuard(RequestDelegate next, LocalRequests local, RequestShares shares)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var connection = context.Features.Get<OpenConnection>();
        // Health reveals nothing, and has to answer when the host is busy.
        var isOpen = context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is { HasLimits: false };
        try
        {
            if (connection?.Begin() == false && !isOpen) throw TooManyConnections(context);
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
        local.Check(context);
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
