using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PluginHost.Pipeline;
using PluginHost.Telemetry.Prometheus;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry;

/// <summary>Wires telemetry into a host. What is exported, and where to, is decided by the standard <c>OTEL_*</c> variables.</summary>
public static class HostTelemetry
{
    private static readonly TimeSpan DefaultShutdownTimeout = TimeSpan.FromSeconds(5);

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
    /// <param name="shutdownTimeout">How long the end of the process may wait for the collector; null for 5 seconds.</param>
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

    private static void AddExport(
        this IServiceCollection services, TelemetrySettings settings, IConfiguration configuration, TimeSpan shutdownTimeout)
    {
        OtlpSignal traces = new("traces"), metrics = new("metrics"), logs = new("logs");
        var telemetry = services.AddOpenTelemetry().ConfigureResource(Describe);
        if (settings.Traces != 0) telemetry.WithTracing(builder => AddTraces(builder, settings, traces, configuration));
        if (settings.Metrics != 0) telemetry.WithMetrics(builder => AddMetrics(builder, settings, metrics, configuration));
        if (settings.Logs != 0)
            telemetry.WithLogging(builder => AddLogs(builder, settings, logs, configuration), options => options.IncludeFormattedMessage = true);
        if (settings.Prometheus is { } scraped) PrometheusEndpoint.Add(services, scraped);
        services.AddSingleton<TelemetryShutdown>(provider =>
        {
            var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("PluginHost.Telemetry");
            var time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
            OtlpSignal[] signals = [traces, metrics, logs];
            var listener = new ExportFailureListener(signals, provider.GetRequiredService<TelemetryInstruments>(), time, logger);
            return new(provider, signals, listener, shutdownTimeout, logger);
        });
        services.AddHostedService(provider => provider.GetRequiredService<TelemetryShutdown>());
    }

    /// <summary>The environment comes last and so wins over the defaults.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .Clear()
        .AddService("pluginhost", serviceVersion: typeof(HostTelemetry).Assembly.GetName().Version?.ToString(3))
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private static void AddTraces(TracerProviderBuilder builder, TelemetrySettings settings, OtlpSignal signal, IConfiguration configuration)
    {
        builder.SetSampler(HostSampler.Create(settings.Sampler, settings.SamplerRatio))
            .AddSource(Scopes.Host, Scopes.GenAI, Scopes.PluginPrefix + "*")
            .AddAspNetCoreInstrumentation(options => options.Filter = IsTraced)
            .AddHttpClientInstrumentation()
            .AddProcessor(new RunIdentityProcessor(settings.CaptureContent));
        if (settings.Traces.HasFlag(SignalExport.Otlp)) builder.AddOtlpExporter(options => signal.Configure(options, configuration));
        if (settings.Traces.HasFlag(SignalExport.Console)) builder.AddConsoleExporter();
    }

    /// <summary>Who only asks how the host is, or scrapes it, makes no trace.</summary>
    private static bool IsTraced(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health") && !PrometheusEndpoint.IsScrape(context);

    private static void AddMetrics(MeterProviderBuilder builder, TelemetrySettings settings, OtlpSignal signal, IConfiguration configuration)
    {
        builder
            .AddMeter(Scopes.Host, Scopes.GenAI, Scopes.PluginPrefix + "*")
            .AddMeter("System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel");
        if (string.IsNullOrWhiteSpace(configuration["OTEL_METRICS_EXEMPLAR_FILTER"])) builder.SetExemplarFilter(ExemplarFilterType.TraceBased);
        if (settings.Metrics.HasFlag(SignalExport.Otlp)) builder.AddOtlpExporter(options => signal.Configure(options, configuration));
        if (settings.Metrics.HasFlag(SignalExport.Console)) builder.AddConsoleExporter();
        if (settings.Metrics.HasFlag(SignalExport.Prometheus)) builder.AddPrometheusExporter();
    }

    private static void AddLogs(LoggerProviderBuilder builder, TelemetrySettings settings, OtlpSignal signal, IConfiguration configuration)
    {
        builder.AddProcessor(new RunLogProcessor());
        if (settings.Logs.HasFlag(SignalExport.Otlp)) builder.AddOtlpExporter(options => signal.Configure(options, configuration));
        if (settings.Logs.HasFlag(SignalExport.Console)) builder.AddConsoleExporter();
    }
}
