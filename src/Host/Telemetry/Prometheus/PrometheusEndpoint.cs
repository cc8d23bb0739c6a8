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
/// Lets Prometheus scrape metrics at a port of its own, so that neither the API's addresses nor its keys have to be opened to it.
/// Where other machines reach that port, an admin's key is needed: metrics are of all tenants.
/// </summary>
internal sealed class PrometheusEndpoint(ListenAddress address, IServer server, ILogger<PrometheusEndpoint> logger) : IStartupFilter, IHostedLifecycleService
{
    public const string Path = "/metrics";

    private static readonly Endpoint ForAdmins = new(null, new EndpointMetadataCollection(AdminsOnly.Instance), Path);

    public static void Add(IServiceCollection services, ListenAddress address)
    {
        // Afterwards, so that the API's own addresses are the first that the server tells.
        services.PostConfigure<KestrelServerOptions>(kestrel => Listen(kestrel, address));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<PrometheusEndpoint>(s, address));
        services.AddSingleton<IStartupFilter>(s => s.GetRequiredService<PrometheusEndpoint>());
        services.AddHostedService(s => s.GetRequiredService<PrometheusEndpoint>());
    }

    public static bool IsScrape(HttpContext context) => context.Features.Get<Scrape>() is not null;

    /// <summary>Before everything else: the port serves metrics and nothing of the API.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.MapWhen(IsScrape, ConfigureScrapes);
        next(app);
    };

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Log.Scrapable(logger, server.Features.Get<IServerAddressesFeature>()!.Addresses.Last() + Path);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void ConfigureScrapes(IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            // A scrape is nobody's request: it would only blur the durations of the API.
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
        if (address.Address is { } ip && ip.Equals(IPAddress.IPv6Any)) kestrel.ListenAnyIP(address.Port, Mark);
        else if (address.Address is not null || address.Port == 0) kestrel.Listen(address.Address ?? IPAddress.Loopback, address.Port, Mark);
        else kestrel.ListenLocalhost(address.Port, Mark);
    }

    /// <summary>Tells the connections of this port from all others, whatever port it turns out to be.</summary>
    private static void Mark(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Features.Set(Scrape.Instance);
        return next(connection);
    });

    private sealed class Scrape
    {
        public static Scrape Instance { get; } = new();
    }
}
