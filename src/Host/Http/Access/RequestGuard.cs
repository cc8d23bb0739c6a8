using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Access;

/// <summary>Refuses, before any other work, requests that no caller may send, and those beyond the limit of concurrent requests.</summary>
internal sealed class RequestGuard(RequestDelegate next, LocalRequests local, ServerConfiguration server)
{
    private int _inProgress;

    public Task InvokeAsync(HttpContext context)
    {
        // Health reveals nothing, and has to answer when the host is busy.
        if (context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is not null) return next(context);
        local.Check(context);
        CheckEncoding(context.Request);
        return CountAsync(context);
    }

    private async Task CountAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref _inProgress) > server.MaxConcurrentRequests)
                throw new ProblemException(
                    HttpProblemTypes.Overloaded, $"The host has {server.MaxConcurrentRequests} requests in progress, which is its limit (Server:MaxConcurrentRequests). Try again later.")
                {
                    RetryAfterSeconds = 1,
                };
            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _inProgress);
        }
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
