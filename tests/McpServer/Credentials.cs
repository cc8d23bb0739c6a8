using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace PluginHost.McpServer;

/// <summary>Lets in who has the key, or a token that this server gave: each token is good for a few requests only.</summary>
internal static class Credentials
{
    private const int RequestsOfAToken = 3;

    private static readonly string[] OfTraces = ["traceparent", "tracestate", "baggage", "Correlation-Context"];
    private static readonly ConcurrentQueue<string> Traces = new();
    private static int _tokens;
    private static int _left;

    public static void Map(WebApplication app)
    {
        app.Use(async (context, next) =>
        {
            foreach (var name in OfTraces.Where(context.Request.Headers.ContainsKey)) Traces.Enqueue($"{name}: {context.Request.Headers[name]}");
            var isOpen = context.Request.Path == "/token" || context.Request.Headers["X-Key"] == "open" || IsToken(context.Request);
            if (isOpen) await next(context);
            else context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        });
        app.MapPost("/token", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            if (form["grant_type"] != "client_credentials" || form["client_secret"] != "hush") return Results.StatusCode(StatusCodes.Status401Unauthorized);
            Volatile.Write(ref _left, RequestsOfAToken);
            return Results.Json(new { access_token = $"token-{Interlocked.Increment(ref _tokens)}", expires_in = 3600, token_type = "Bearer" });
        });
        app.MapGet("/traces", () => string.Join('\n', Traces));
        app.MapGet("/tokens", () => Volatile.Read(ref _tokens));
    }

    private static bool IsToken(HttpRequest request) =>
        request.Headers.Authorization == $"Bearer token-{Volatile.Read(ref _tokens)}" && Interlocked.Decrement(ref _left) >= 0;
}
