using System.Diagnostics;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Logs;
using PluginHost.Telemetry.Metrics;
using PluginHost.Telemetry.Prometheus;
using PluginHost.Telemetry.Spans;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Export;

/// <summary>Registers the OpenTelemetry SDK with its sources, exporters and failure listeners.</summary>
internal static class TelemetryExport
{
    public static void AddExport(
        this IServiceCollection services, TelemetrySettings settings, IConfiguration configuration, TimeSpan shutdownTimeout)
    {
        OtlpSignal traces = new("traces"), metrics = new("metrics"), logs = new("logs");
        (QueueCounter Spans, QueueCounter Logs) queues = (new(), new());
        var telemetry = services.AddOpenTelemetry().ConfigureResource(ConfigureResource);
        if (settings.Traces != 0) telemetry.WithTracing(builder => AddTraces(builder, settings, traces, configuration, queues.Spans));
        if (settings.Metrics != 0) telemetry.WithMetrics(builder => AddMetrics(builder, settings, metrics, configuration));
        if (settings.Logs != 0)
            telemetry.WithLogging(builder => AddLogs(builder, settings, logs, configuration, queues.Logs), options => options.IncludeFormattedMessage = true);
        services.AddSingleton(provider => CreateHealth(settings, queues, provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddSingleton<TelemetryShutdown>(provider =>
        {
            var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("PluginHost.Telemetry");
            var time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
            OtlpSignal[] signals = [traces, metrics, logs];
            var instruments = provider.GetRequiredService<TelemetryInstruments>();
            var health = provider.GetRequiredService<TelemetryHealth>();
            instruments.Export.ObserveQueues(() => health.Signals);
            foreach (var signal in signals) signal.Accepted = new AcceptedItems(signal.Name, instruments.Export, health, time, logger).Add;
            var failures = new ExportFailureListener(signals, instruments, health, time, logger);
            var dropped = new DroppedItemListener(instruments, health, queues, time, logger);
            return new(provider, signals, [failures, dropped, new ExceptionTextFilter()], shutdownTimeout, logger);
        });
        services.AddHostedService(provider => provider.GetRequiredService<TelemetryShutdown>());
    }

    private static TelemetryHealth CreateHealth(TelemetrySettings settings, (QueueCounter Spans, QueueCounter Logs) queues, TimeProvider time)
    {
        var health = new TelemetryHealth(time);
        if (settings.Traces.HasFlag(SignalExport.Otlp)) health.AddQueue("traces", settings.SpanQueue, () => queues.Spans.Count);
        if (settings.Metrics.HasFlag(SignalExport.Otlp)) health.AddSignal("metrics");
        if (settings.Metrics.HasFlag(SignalExport.Prometheus)) health.AddSignal("metrics", TelemetryHealth.Prometheus);
        if (settings.Logs.HasFlag(SignalExport.Otlp)) health.AddQueue("logs", settings.LogQueue, () => queues.Logs.Count);
        return health;
    }

    /// <summary>Adds the environment last, so that it overrides the defaults.</summary>
    private static void ConfigureResource(ResourceBuilder resource) => resource
        .Clear()
        .AddService("pluginhost", serviceVersion: typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3))
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private static void AddTraces(
        TracerProviderBuilder builder, TelemetrySettings settings, OtlpSignal signal, IConfiguration configuration, QueueCounter queue)
    {
        builder.SetSampler(StandardSampler.Create(settings.Sampler, settings.SamplerRatio))
            .AddSource(Scopes.Host, Scopes.GenAI, Scopes.PluginPrefix + "*")
            .AddAspNetCoreInstrumentation(options =>
            {
                options.Filter = IsTraced;
                options.EnrichWithHttpRequest = HideUser;
            })
            .AddHttpClientInstrumentation()
            .AddProcessor(new RunIdentityProcessor(queue));
        if (settings.Traces.HasFlag(SignalExport.Otlp)) builder.AddOtlpExporter(options => signal.Configure(options, configuration));
        if (settings.Traces.HasFlag(SignalExport.Console)) builder.AddConsoleExporter();
    }

    /// <summary>The path of a user has the user's name, which telemetry has only with captured content.</summary>
    private static void HideUser(Activity span, HttpRequest request)
    {
        if (request.Path.StartsWithSegments("/v1/users")) span.SetTag("url.path", "/v1/users/{user}");
    }

    /// <summary>Whether to trace a request. Health checks and scrapes are not traced.</summary>
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

    private static void AddLogs(
        LoggerProviderBuilder builder, TelemetrySettings settings, OtlpSignal signal, IConfiguration configuration, QueueCounter queue)
    {
        builder.AddProcessor(new RunLogProcessor(queue));
        if (settings.Logs.HasFlag(SignalExport.Otlp)) builder.AddOtlpExporter(options => signal.Configure(options, configuration));
        if (settings.Logs.HasFlag(SignalExport.Console)) builder.AddConsoleExporter();
    }
}
