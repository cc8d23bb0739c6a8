using PluginHost.Http;

namespace PluginHost.OpenAI;

/// <summary>Declares endpoints. They are not in the host's OpenAPI document: OpenAI publishes its own.</summary>
internal static class OpenAIRoutes
{
    /// <summary>The header that clients show with an error, to find the request in the host's log.</summary>
    public const string RequestId = "x-request-id";

    public static void MapOpenAICall(this IEndpointRouteBuilder routes, string method, string pattern, RequestDelegate handler) =>
        routes.MapMethods(pattern, [method], context =>
        {
            context.Response.Headers[RequestId] = context.TraceId();
            return handler(context);
        }).ExcludeFromDescription();
}
