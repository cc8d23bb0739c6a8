using PluginHost.Http;

namespace PluginHost.Anthropic;

/// <summary>Declares endpoints. They are not in the host's OpenAPI document: Anthropic publishes its own.</summary>
internal static class AnthropicRoutes
{
    /// <summary>The header that clients show with an error, to find the request in the host's log.</summary>
    public const string RequestId = "request-id";

    public static void MapAnthropicCall(this IEndpointRouteBuilder routes, string pattern, RequestDelegate handler) =>
        routes.MapPost(pattern, context =>
        {
            context.Response.Headers[RequestId] = context.TraceId();
            return handler(context);
        }).ExcludeFromDescription();
}
