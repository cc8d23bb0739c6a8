using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Engine.Observation;

namespace PluginHost.Telemetry.Prometheus;

/// <summary>
/// Serves metrics to Prometheus on a separate port, with the checks of the API's admin endpoints, because metrics include all tenants.
/// </summary>
internal sealed class PrometheusEndpoint(
    Action<IApplicationBuilder> guard, IServer server, IHostApplicationLifetime lifetime, ILogger<PrometheusEndpoint> logger) : IStartupFilter
{
    public const string Path = "/metrics";

    /// <param name="services">They hold the metrics.</param>
    /// <param name="address">Where to listen.</param>
    /// <param name="guard">Puts the checks of requests before the endpoint.</param>
    /// <param name="limit">Bounds the connections; null for no bound.</param>
    public static void Add(IServiceCollection services, ListenAddress address, Action<IApplicationBuilder> guard, Action<ListenOptions>? limit)
    {
        // PostConfigure, so that the server lists the addresses of the API first.
        services.PostConfigure<KestrelServerOptions>(kestrel => Listen(kestrel, address, listen =>
        {
            limit?.Invoke(listen);
            MarkConnections(listen);
        }));
        services.AddSingleton<IStartupFilter>(s => ActivatorUtilities.CreateInstance<PrometheusEndpoint>(s, guard));
    }

    public static bool IsScrape(HttpContext context) => context.Features.Get<ScrapeFeature>() is not null;

    /// <summary>Adds the endpoint before all other middleware: the port serves metrics only.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        lifetime.ApplicationStarted.Register(() => Log.ServingMetrics(logger, server.Features.Get<IServerAddressesFeature>()!.Addresses.Last() + Path));
        app.MapWhen(IsScrape, ConfigureScrapes);
        next(app);
    };

    private void ConfigureScrapes(IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            // Scrapes must not count as API requests in the metrics.
            if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics) metrics.MetricsDisabled = true;
            return next(context);
        });
        guard(app);
        app.Use(async (context, next) =>
        {
            await next(context);
            if (context.Response.StatusCode == StatusCodes.Status200OK) context.RequestServices.GetService<TelemetryHealth>()?.AddSuccess("metrics", 1, exporter: TelemetryHealth.Prometheus);
        });
        app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Path == Path);
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address, Action<ListenOptions> configure)
    {
        if (address.Address is { } ip && ip.Equals(IPAddress.IPv6Any)) kestrel.ListenAnyIP(address.Port, configure);
        else if (address.Address is not null || address.Port == 0) kestrel.Listen(address.Address ?? IPAddress.Loopback, address.Port, configure);
        else kestrel.ListenLocalhost(address.Port, configure);
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
