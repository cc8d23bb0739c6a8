using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Export;
using PluginHost.Telemetry.Metrics;
using PluginHost.Telemetry.Prometheus;
using PluginHost.Telemetry.Spans;

namespace PluginHost.Telemetry;

/// <summary>Registers the telemetry of a host. The standard <c>OTEL_*</c> variables configure the export.</summary>
internal static class HostTelemetry
{
    private static readonly TimeSpan DefaultShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Validates the standard variables. Returns the errors with the allowed values.</summary>
    /// <param name="configuration">The configuration with the variables.</param>
    /// <param name="hasApiKeys">Whether the host requires API keys. Without keys, only this machine may scrape metrics.</param>
    public static IReadOnlyList<string> Validate(IConfiguration configuration, bool hasApiKeys = false)
    {
        var errors = new List<string>();
        TelemetrySettings.Read(configuration, hasApiKeys, errors);
        return errors;
    }

    /// <summary>
    /// Registers the <see cref="HostObserver"/>, <see cref="PluginTelemetry"/> and the configured exporters. Resolving the observer
    /// starts the export, so that it includes spans before the start of the host.
    /// </summary>
    /// <param name="builder">The host's builder; its configuration holds the variables.</param>
    /// <param name="guard">Puts the checks of the API before the endpoint for scrapes; without it nothing can be scraped.</param>
    /// <param name="hasApiKeys">Whether the host requires API keys. Without keys, only this machine may scrape metrics.</param>
    /// <param name="shutdownTimeout">How long the shutdown may wait for the collector; null for 3 seconds.</param>
    /// <param name="limit">Bounds the connections of the port for scrapes; null for no bound.</param>
    /// <exception cref="InvalidOperationException">A variable is invalid; see <see cref="Validate"/>.</exception>
    public static IHostApplicationBuilder AddHostTelemetry(
        this IHostApplicationBuilder builder,
        Action<IApplicationBuilder>? guard = null,
        bool hasApiKeys = false,
        TimeSpan? shutdownTimeout = null,
        Action<ListenOptions>? limit = null)
    {
        var errors = new List<string>();
        var settings = TelemetrySettings.Read(builder.Configuration, hasApiKeys, errors);
        if (errors.Count > 0) throw new InvalidOperationException(string.Join(Environment.NewLine, errors));

        builder.Services.AddSingleton<TelemetryInstruments>();
        builder.Services.AddSingleton<PluginTelemetry>();
        builder.Services.AddSingleton<HostObserver>(services =>
        {
            // Create the providers now, so that they listen to spans and measurements before the start of the host.
            services.GetService<TracerProvider>();
            services.GetService<MeterProvider>();
            if (OtelVariable.FindIgnored(builder.Configuration) is { Count: > 0 } ignored)
                Log.VariablesIgnored(services.GetRequiredService<ILoggerFactory>().CreateLogger("PluginHost.Telemetry"), string.Join(", ", ignored));
            var instruments = services.GetRequiredService<TelemetryInstruments>();
            instruments.CountRollback(byErrors: true, 0);
            instruments.CountRollback(byErrors: false, 0);
            if (services.GetService<TelemetryHealth>() is { } health) instruments.Export.Begin(health.Signals);
            var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
            return new TelemetryObserver(instruments, time, settings.CaptureContent);
        });
        if (settings.HasExporters)
            builder.Services.AddExport(settings, builder.Configuration, shutdownTimeout ?? DefaultShutdownTimeout);
        if (settings.Prometheus is { } scraped) PrometheusEndpoint.Add(builder.Services, scraped, guard ?? throw new ArgumentNullException(nameof(guard)), limit);
        return builder;
    }
}
