using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Http.Description;
using PluginHost.Http.Errors;
using PluginHost.Native.Endpoints;

namespace PluginHost.Native;

/// <summary>The native API's services and routes.</summary>
internal static class NativeApi
{
    /// <summary>Adds the OpenAPI document. Its schemas are made with these options; responses are written with <see cref="ApiJson"/>.</summary>
    public static IServiceCollection AddNativeApi(this IServiceCollection services) => services
        .AddApiDescription()
        .ConfigureHttpJsonOptions(options =>
        {
            var json = options.SerializerOptions;
            json.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            json.TypeInfoResolverChain.Insert(1, ProblemJson.Default);
            json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.NumberHandling = JsonNumberHandling.Strict;
        });

    public static void MapNativeApi(this IEndpointRouteBuilder routes)
    {
        routes.MapSessions();
        routes.MapMessages();
        routes.MapRunStarts();
        routes.MapRuns();
        routes.MapRunInput();
        routes.MapRunSearch();
        routes.MapApprovals();
        routes.MapTraces();
        routes.MapExplanations();
        routes.MapReplays();
        routes.MapSnapshots();
        routes.MapUsers();
        routes.MapAgents();
        routes.MapHost();
        routes.MapHostStatus();
        routes.MapHostEvents();
        routes.MapConfiguration();
        routes.MapBackup();
        routes.MapHealth();
        routes.MapOpenApi("/openapi/v1.json");
    }
}
