using PluginHost.Http.Errors;
using PluginHost.OpenAI.Chat;
using PluginHost.OpenAI.Conversations;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Models;
using PluginHost.OpenAI.Relay;
using PluginHost.OpenAI.Responses;

namespace PluginHost.OpenAI;

/// <summary>The services and routes of the interface that OpenAI's clients use, on the same sessions as the native API.</summary>
internal static class OpenAIApi
{
    public static IServiceCollection AddOpenAI(this IServiceCollection services) => services.AddSingleton<IErrorShape, ErrorShape>();

    public static void MapOpenAI(this IEndpointRouteBuilder routes)
    {
        routes.MapModels();
        routes.MapChat();
        routes.MapResponses();
        routes.MapConversations();
        routes.MapRelay();
    }
}
