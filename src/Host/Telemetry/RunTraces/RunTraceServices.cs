using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Metrics;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>Registers the traces of recent runs.</summary>
internal static class RunTraceServices
{
    /// <summary>Recording begins when the <see cref="RunTraceListener"/> is taken from the container.</summary>
    /// <param name="services">The services, with the telemetry of the host.</param>
    /// <param name="settings">The number of traces to keep and to record per second.</param>
    public static IServiceCollection AddRunTraces(this IServiceCollection services, TelemetryConfiguration settings) => services
        .AddSingleton(new KeptTraces(settings.KeptTraces))
        .AddSingleton(s => new RunTraceListener(
            s.GetRequiredService<TelemetryInstruments>(),
            s.GetRequiredService<KeptTraces>(),
            new TraceRateLimiter(s.GetService<TimeProvider>() ?? TimeProvider.System, settings.TracesPerSecond)));
}
