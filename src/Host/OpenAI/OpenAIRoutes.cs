using PluginHost.Http;

namespace PluginHost.OpenAI;

/// <summary>How endpoints of this interface are declared. They are not in the host's own OpenAPI document: OpenAI publishes theirs.</summary>
internal static class OpenAIRoutes
{
    /// <summary>What clients show with an error, for looking it up.</summary>
    public const string RequestId = "x-request-id";

    public static void MapOpenAICall(this IEndpointRouteBuilder routes, string method, string pattern, RequestDelegate handler) =>
        routes.MapMethods(pattern, [method], context =>
        {
            context.Response.Headers[RequestId] = context.TraceId();
            return handler(context);
        }).ExcludeFromDescription();
}
