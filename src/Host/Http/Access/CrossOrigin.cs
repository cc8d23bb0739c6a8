using Microsoft.Extensions.Primitives;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Access;

/// <summary>
/// Lets pages of the configured origins read answers (CORS), and answers what their browsers ask first, which has no key. Without cookies: such
/// pages send a key or token. Stateless.
/// </summary>
internal sealed class CrossOrigin(RequestDelegate next, ServerConfiguration server)
{
    private const string Methods = "GET, POST, PATCH, DELETE";

    /// <summary>The headers of answers that clients read, besides those that every page may.</summary>
    private const string Exposed =
        "ETag, Location, Retry-After, WWW-Authenticate, Idempotency-Replayed, Run-Steered, PluginHost-Session, x-request-id, request-id, "
        + "openai-processing-ms, openai-version, openai-model, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens";

    public Task InvokeAsync(HttpContext context)
    {
        if (server.AllowedOrigins.Count == 0) return next(context);
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.Append("Vary", "Origin");
        if (!server.AllowsOrigin(request.Headers.Origin.ToString())) return next(context);
        headers.AccessControlAllowOrigin = request.Headers.Origin;
        if (!HttpMethods.IsOptions(request.Method) || request.Headers.AccessControlRequestMethod.Count == 0)
        {
            headers.AccessControlExposeHeaders = Exposed;
            return next(context);
        }

        headers.AccessControlAllowMethods = Methods;
        // Clients have headers of their makers, and the origin is trusted.
        if (request.Headers.AccessControlRequestHeaders is { Count: > 0 } asked && IsPlain(asked)) headers.AccessControlAllowHeaders = asked;
        if (request.Headers["Access-Control-Request-Private-Network"] == "true") headers["Access-Control-Allow-Private-Network"] = "true";
        headers.AccessControlMaxAge = "600";
        headers.Append("Vary", "Access-Control-Request-Headers");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static bool IsPlain(StringValues names) =>
        names.ToString() is { Length: <= 2048 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or ',' or ' ');
}
