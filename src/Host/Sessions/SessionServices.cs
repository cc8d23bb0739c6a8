using PluginHost.Pipeline;

namespace PluginHost.Sessions;

/// <summary>Registers sessions and runs.</summary>
public static class SessionServices
{
    /// <summary>Adds <see cref="ChainHolder"/>, <see cref="RunEngine"/> and <see cref="SessionService"/>. Needs a <see cref="HostObserver"/> and a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddSessions(this IServiceCollection services) => services
        .AddSingleton(s => new ChainHolder(s.GetRequiredService<PluginCalls>()))
        .AddSingleton(s => new CallThreads(s.GetRequiredService<ILoggerFactory>().CreateLogger("PluginHost.Pipeline")))
        .AddSingleton(s => new PluginCalls(
            s.GetRequiredService<HostObserver>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<CallThreads>()))
        .AddSingleton(s => new SessionGate(s.GetRequiredService<TimeProvider>()))
        .AddSingleton<LiveRuns>()
        .AddSingleton(s => new RunEngine(
            s.GetRequiredService<ChainHolder>(),
            s.GetRequiredService<SessionGate>(),
            s.GetRequiredService<LiveRuns>(),
            s.GetRequiredService<PluginCalls>(),
            s.GetRequiredService<ILogger<RunEngine>>()))
        .AddSingleton(s => new SessionService(
            s.GetRequiredService<ChainHolder>(),
            s.GetRequiredService<SessionGate>(),
            s.GetRequiredService<LiveRuns>(),
            s.GetRequiredService<PluginCalls>(),
            s.GetRequiredService<ILogger<SessionService>>()));
}
