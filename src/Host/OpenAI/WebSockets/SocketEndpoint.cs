using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.OpenAI.Errors;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>Opens connections. Access, origin and limits were checked as for every request; a connection counts as one stream.</summary>
internal static class SocketEndpoint
{
    /// <summary>The time between two pings, and the time for an answer to one.</summary>
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(20);

    /// <summary>The platform's WebSockets are part of this endpoint alone: other requests need no object of them.</summary>
    public static RequestDelegate Create(IEndpointRouteBuilder routes) =>
        routes.CreateApplicationBuilder().UseWebSockets().Use(static _ => ServeAsync).Build();

    private static async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            // Clients that try a WebSocket first continue with POST only after this status.
            context.Response.Headers.Upgrade = "websocket";
            throw new ProblemException(OpenAIProblemTypes.UpgradeRequired, "GET /v1/responses opens a WebSocket. Create responses with POST, and read one with GET /v1/responses/{id}.");
        }

        context.BecomeStreamIf(true);
        var accept = new WebSocketAcceptContext { KeepAliveInterval = PingInterval, KeepAliveTimeout = PingInterval };
        using var socket = await context.WebSockets.AcceptWebSocketAsync(accept);
        using var connection = new SocketConnection(context, socket);
        await connection.ServeAsync();
    }
}
