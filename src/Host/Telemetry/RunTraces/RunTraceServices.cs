using PluginHost.Engine.Configuration.Model;
using PluginHost.Native;
using PluginHost.Telemetry.Metrics;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>Registers the traces of recent runs.</summary>
internal static class RunTraceServices
{
    /// <param name="services">The services, with the telemetry of the host.</param>
    /// <param name="settings">The number of traces to keep and to record per second.</param>
    public static IServiceCollection AddRunTraces(this IServiceCollection services, TelemetryConfiguration settings) =>
        services.AddSingleton<IRunTraces>(s => new RunTraceRingBuffer(
            s.GetRequiredService<TelemetryInstruments>().Source,
            settings.KeptTraces,
            new TraceRateLimiter(s.GetService<TimeProvider>() ?? TimeProvider.System, settings.TracesPerSecond)));
}
