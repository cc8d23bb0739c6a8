using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Http.Access;
using PluginHost.Http.Errors;

namespace PluginHost.Telemetry.Prometheus;

/// <summary>
/// Serves metrics to Prometheus on a separate port, so that it needs no access to the API. When other machines can reach the port, an
/// admin key is required, because metrics include all tenants.
/// </summary>
internal sealed class PrometheusEndpoint(ListenAddress address, IServer server, ILogger<PrometheusEndpoint> logger) : IStartupFilter, IHostedLifecycleService
{
    public const string Path = "/metrics";

    private static readonly Endpoint ForAdmins = new(null, new EndpointMetadataCollection(AdminsOnly.Instance), Path);

    public static void Add(IServiceCollection services, ListenAddress address)
    {
        // PostConfigure, so that the server lists the addresses of the API first.
        services.PostConfigure<KestrelServerOptions>(kestrel => Listen(kestrel, address));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<PrometheusEndpoint>(s, address));
        services.AddSingleton<IStartupFilter>(s => s.GetRequiredService<PrometheusEndpoint>());
        services.AddHostedService(s => s.GetRequiredService<PrometheusEndpoint>());
    }

    public static bool IsScrape(HttpContext context) => context.Features.Get<ScrapeFeature>() is not null;

    /// <summary>Adds the endpoint before all other middleware: the port serves metrics only.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.MapWhen(IsScrape, ConfigureScrapes);
        next(app);
    };

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Log.ServingMetrics(logger, server.Features.Get<IServerAddressesFeature>()!.Addresses.Last() + Path);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void ConfigureScrapes(IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            // Scrapes must not count as API requests in the metrics.
            if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics) metrics.MetricsDisabled = true;
            return next(context);
        });
        if (!address.IsLocal)
        {
            app.Use((context, next) =>
            {
                context.SetEndpoint(ForAdmins);
                return next(context);
            });
            app.UseMiddleware<ProblemMiddleware>();
            app.UseMiddleware<AccessMiddleware>();
        }

        app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Path == Path);
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address)
    {
        if (address.Address is { } ip && ip.Equals(IPAddress.IPv6Any)) kestrel.ListenAnyIP(address.Port, MarkConnections);
        else if (address.Address is not null || address.Port == 0) kestrel.Listen(address.Address ?? IPAddress.Loopback, address.Port, MarkConnections);
        else kestrel.ListenLocalhost(address.Port, MarkConnections);
    }

    /// <summary>Marks the connections of this port, because the port number is not known in advance.</summary>
    private static void MarkConnections(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Features.Set(ScrapeFeature.Instance);
        return next(connection);
    });

    private sealed class ScrapeFeature
    {
        public static ScrapeFeature Instance { get; } = new();
    }
}
