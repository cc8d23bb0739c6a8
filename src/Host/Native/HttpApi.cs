using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Description;
using PluginHost.Http.Errors;
using PluginHost.Http.Listening;
using PluginHost.Native.Endpoints;

namespace PluginHost.Native;

/// <summary>The HTTP API's two entry points.</summary>
internal static class HttpApi
{
    /// <summary>
    /// Adds what the API needs of its own. The container has to hold <see cref="RunEngine"/>,
    /// <see cref="SessionService"/> and <see cref="IHostCatalog"/> too; <see cref="IHostReload"/>, <see cref="IRequestTrace"/>
    /// and <see cref="IRunTraces"/> are optional.
    /// </summary>
    /// <exception cref="FormatException">An address to listen on cannot be read.</exception>
    /// <exception cref="InvalidOperationException">An address that others can reach, without API keys.</exception>
    public static IServiceCollection AddHttpApi(this IServiceCollection services, HostConfiguration configuration)
    {
        services.TryAddSingleton(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddAccess(configuration.Server);
        services.AddListening(configuration.Server);
        // The server's own lines for every request hold paths, and so the ids of callers. First, so that an operator's rule wins.
        services.Configure<LoggerFilterOptions>(logging =>
            logging.Rules.Insert(0, new LoggerFilterRule(null, "Microsoft.AspNetCore", LogLevel.Warning, null)));
        services.ConfigureHttpJsonOptions(options => Write(options.SerializerOptions));
        services.AddApiDescription(configuration.Server.NeedsAuthentication);
        return services;
    }

    /// <summary>Maps every route, behind the handling of errors and access.</summary>
    public static WebApplication MapHttpApi(this WebApplication app)
    {
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<RequestGuard>();
        app.UseMiddleware<AccessMiddleware>();
        app.MapSessions();
        app.MapMessages();
        app.MapRunStarts();
        app.MapRuns();
        app.MapTraces();
        app.MapSnapshots();
        app.MapHost();
        app.MapHealth();
        app.MapOpenApi("/openapi/v1.json");
        return app;
    }

    private static void AddAccess(this IServiceCollection services, ServerConfiguration server)
    {
        services.AddSingleton(server);
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<TenantRates>();
        services.AddSingleton<LocalRequests>();
        services.AddTokens(server.Jwt);
        if (server.KeyFile is not null) services.AddHostedService<KeyFileWatch>();
    }

    /// <summary>The OpenAPI document is made with these; responses themselves are written with <see cref="ApiJson"/>.</summary>
    private static void Write(JsonSerializerOptions json)
    {
        json.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        json.NumberHandling = JsonNumberHandling.Strict;
    }
}
