using PluginHost.Engine.Configuration.Model;
using PluginHost.Native;
using PluginHost.Telemetry.Metrics;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>Registers what keeps the traces of runs.</summary>
internal static class RunTraceServices
{
    /// <param name="services">They hold the telemetry of a host.</param>
    /// <param name="settings">How many are kept.</param>
    public static IServiceCollection AddRunTraces(this IServiceCollection services, TelemetryConfiguration settings) =>
        services.AddSingleton<IRunTraces>(s => new RunTraceRing(
            s.GetRequiredService<TelemetryInstruments>().Source,
            settings.KeptTraces,
            new TraceRate(s.GetService<TimeProvider>() ?? TimeProvider.System, settings.TracesPerSecond)));
}
