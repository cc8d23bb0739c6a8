using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Export;
using PluginHost.Telemetry.Metrics;
using PluginHost.Telemetry.Spans;

namespace PluginHost.Telemetry;

/// <summary>Wires telemetry into a host. What is exported, and where to, is decided by the standard <c>OTEL_*</c> variables.</summary>
internal static class HostTelemetry
{
    private static readonly TimeSpan DefaultShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>What is wrong with the standard variables, each with what is allowed; empty when nothing is.</summary>
    /// <param name="configuration">Holds the variables.</param>
    /// <param name="hasApiKeys">Whether the host's API asks for keys; without them metrics may be scraped from this machine only.</param>
    public static IReadOnlyList<string> Validate(IConfiguration configuration, bool hasApiKeys = false)
    {
        var errors = new List<string>();
        TelemetrySettings.Read(configuration, hasApiKeys, errors);
        return errors;
    }

    /// <summary>
    /// Registers the <see cref="HostObserver"/>, <see cref="PluginTelemetry"/> and, for each signal that the variables send
    /// somewhere, its export. Taking the observer from the container starts the export, so that spans before the host's start
    /// are seen.
    /// </summary>
    /// <param name="builder">The host's builder; its configuration holds the variables.</param>
    /// <param name="hasApiKeys">Whether the host's API asks for keys.</param>
    /// <param name="shutdownTimeout">How long the end of the process may wait for the collector; null for 3 seconds.</param>
    /// <exception cref="InvalidOperationException">A variable is wrong; <see cref="Validate"/> tells the same.</exception>
    public static IHostApplicationBuilder AddHostTelemetry(
        this IHostApplicationBuilder builder, bool hasApiKeys = false, TimeSpan? shutdownTimeout = null)
    {
        var errors = new List<string>();
        var settings = TelemetrySettings.Read(builder.Configuration, hasApiKeys, errors);
        if (errors.Count > 0) throw new InvalidOperationException(string.Join(Environment.NewLine, errors));

        builder.Services.AddSingleton<TelemetryInstruments>();
        builder.Services.AddSingleton<PluginTelemetry>();
        builder.Services.AddSingleton<HostObserver>(services =>
        {
            // Without these, spans and measurements before the host's start would meet no listener.
            services.GetService<TracerProvider>();
            services.GetService<MeterProvider>();
            var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
            return new TelemetryObserver(services.GetRequiredService<TelemetryInstruments>(), time, settings.CaptureContent);
        });
        if (settings.IsAny(SignalExport.Otlp | SignalExport.Console | SignalExport.Prometheus))
            builder.Services.AddExport(settings, builder.Configuration, shutdownTimeout ?? DefaultShutdownTimeout);
        return builder;
    }
}
