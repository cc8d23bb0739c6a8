using PluginHost.Api;

namespace PluginHost.Telemetry;

/// <summary>Registers what keeps the traces of runs.</summary>
internal static class RunTraceServices
{
    /// <param name="services">They hold the telemetry of a host.</param>
    /// <param name="capacity">Of how many runs; 0 for none.</param>
    public static IServiceCollection AddRunTraces(this IServiceCollection services, int capacity) =>
        services.AddSingleton<IRunTraces>(s => new RunTraceRing(s.GetRequiredService<TelemetryInstruments>().Source, capacity));
}
