using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Access;
using PluginHost.Http.Cluster;
using PluginHost.Http.Errors;
using PluginHost.Http.Listening;

namespace PluginHost.Http;

/// <summary>The services and middleware that the interfaces share.</summary>
internal static class HttpServices
{
    /// <summary>How many connections a port for admins may have.</summary>
    private const int MaxAdminConnections = 64;

    private static readonly Endpoint ForAdmins = new(null, new EndpointMetadataCollection(AdminsOnly.Instance), "admins only");

    /// <exception cref="FormatException">An address to listen on cannot be read.</exception>
    /// <exception cref="InvalidOperationException">An address that others can reach, without API keys.</exception>
    public static IServiceCollection AddHttp(this IServiceCollection services, HostConfiguration configuration)
    {
        var server = configuration.Server;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(configuration).AddSingleton(server);
        services.AddHttpForwarder();
        services.AddSingleton(s => new ClusterKey(configuration.Cluster, s.GetRequiredService<TimeProvider>())).AddSingleton<RequestForwarder>();
        services.AddSingleton<ApiKeys>().AddSingleton<TenantRates>().AddSingleton<RequestShares>().AddSingleton<RefusalLines>().AddSingleton<LocalRequests>().AddSingleton<CallerValidity>().AddSingleton<ConsoleSessions>().AddSingleton<LogInTries>();
        services.AddTokens(server.Jwt);
        if (server.KeyFile is not null) services.AddHostedService<KeyFileWatch>();
        services.AddListening(server);
        if (configuration.Cluster.Tls is { } tls) ClusterTls.Add(services, tls);
        // The lines of the server and the forwarder for every request hold paths, and so the ids of callers. First, so that an operator's rule wins.
        return services.Configure<LoggerFilterOptions>(logging =>
        {
            logging.Rules.Insert(0, new LoggerFilterRule(null, "Microsoft.AspNetCore", LogLevel.Warning, null));
            // It also warns of each attempt to reach a host that is lost.
            logging.Rules.Insert(0, new LoggerFilterRule(null, "Yarp.ReverseProxy", LogLevel.Error, null));
        });
    }

    /// <summary>Handles errors and access, before every route.</summary>
    public static void UseHttp(this IApplicationBuilder app) =>
        app.UseMiddleware<ProblemMiddleware>().UseMiddleware<CrossOrigin>().UseMiddleware<RequestGuard>().UseMiddleware<AccessMiddleware>();

    /// <summary>Passes requests for sessions of other hosts on. After <see cref="UseHttp"/>.</summary>
    public static void UseForwarding(this IApplicationBuilder app) => app.UseMiddleware<ForwardingMiddleware>();

    /// <summary>Bounds the connections of a port for admins, apart from those of callers: neither takes the places of the other.</summary>
    public static Action<ListenOptions> LimitAdminConnections(ServerConfiguration server, TimeProvider time) =>
        new ConnectionLimits(server with { MaxConnections = MaxAdminConnections }, time).Apply;

    /// <summary>Handles errors and access like the API, and opens every path to admins only.</summary>
    public static void UseAdminAccess(this IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            context.SetEndpoint(ForAdmins);
            return next(context);
        });
        app.UseHttp();
    }
}
