using PluginHost.Anthropic.Errors;
using PluginHost.Anthropic.Messages;
using PluginHost.Http.Errors;

namespace PluginHost.Anthropic;

/// <summary>The services and routes of the interface that Anthropic's clients use, on the same sessions as the native API.</summary>
internal static class AnthropicApi
{
    public static IServiceCollection AddAnthropic(this IServiceCollection services) => services.AddSingleton<IErrorShape, AnthropicErrorShape>();

    public static void MapAnthropic(this IEndpointRouteBuilder routes) => routes.MapMessages();
}
