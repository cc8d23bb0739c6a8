namespace PluginHost.OpenAI;

/// <summary>Declares endpoints. They are not in the host's OpenAPI document: OpenAI publishes its own.</summary>
internal static class OpenAIRoutes
{
    public static void MapOpenAICall(this IEndpointRouteBuilder routes, string method, string pattern, RequestDelegate handler) =>
        routes.MapMethods(pattern, [method], context =>
        {
            AnswerHeaders.Begin(context);
            return handler(context);
        }).ExcludeFromDescription();
}
