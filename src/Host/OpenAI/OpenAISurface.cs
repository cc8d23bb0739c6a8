using PluginHost.Http.Errors;
using PluginHost.OpenAI.Chat;
using PluginHost.OpenAI.Conversations;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Models;
using PluginHost.OpenAI.Responses;

namespace PluginHost.OpenAI;

/// <summary>The two entry points of the interface that OpenAI's clients speak. It stands beside the native API, on the same sessions.</summary>
internal static class OpenAISurface
{
    /// <summary>Adds what it needs beside <c>AddHttpApi</c>.</summary>
    public static IServiceCollection AddOpenAI(this IServiceCollection services) => services.AddSingleton<IErrorShape, ErrorShape>();

    /// <summary>Maps its routes. To be called after <c>MapHttpApi</c>, which maps the handling of errors and access.</summary>
    public static WebApplication MapOpenAI(this WebApplication app)
    {
        app.MapModels();
        app.MapChat();
        app.MapResponses();
        app.MapConversations();
        return app;
    }
}
