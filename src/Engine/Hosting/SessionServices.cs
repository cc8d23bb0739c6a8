using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Explain.Kept;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Runs.Replay;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Backup;
using PluginHost.Engine.Sessions.Hosts;
using PluginHost.Engine.Sessions.Retention;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Engine.Users;

namespace PluginHost.Engine.Hosting;

/// <summary>Registers sessions and runs.</summary>
internal static class SessionServices
{
    /// <summary>Deletes idle sessions in the background, as configured. Starts when the chains are there, and stops before they go.</summary>
    public static IServiceCollection AddRetention(this IServiceCollection services) => services.AddHostedService<RetentionService>();

    /// <summary>Takes changed plugin folders over by itself, as configured.</summary>
    public static IServiceCollection AddPluginWatcher(this IServiceCollection services) => services.AddHostedService<PluginWatcher>();

    /// <summary>Adds <see cref="ChainHolder"/>, <see cref="RunEngine"/> and <see cref="SessionService"/>. Needs a <see cref="HostObserver"/> and a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddSessions(this IServiceCollection services) => services
        .AddSingleton(s => new ChainHolder(s.GetRequiredService<PluginCaller>()))
        .AddSingleton(s => new PluginCallScheduler(s.GetRequiredService<ILoggerFactory>().CreateLogger("PluginHost.Engine")))
        .AddSingleton(s => new PluginCaller(
            s.GetRequiredService<HostObserver>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<PluginCallScheduler>(),
            new PluginErrorLog(s.GetRequiredService<ILoggerFactory>(), s.GetRequiredService<TimeProvider>())))
        .AddSingleton(s => new SessionClaims(s.GetRequiredService<TimeProvider>()))
        .AddSingleton(s => new SessionGate(s.GetRequiredService<TimeProvider>(), s.GetRequiredService<SessionClaims>()))
        .AddSingleton(s => new HostMembership(
            s.GetRequiredService<ChainHolder>(), s.GetRequiredService<SessionClaims>(), s.GetService<ClusterConfiguration>() ?? new ClusterConfiguration(),
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<HostMembership>>()))
        .AddSingleton(s => new HostEvents(s.GetRequiredService<TimeProvider>()))
        .AddSingleton(s => new KeptExplanations(
            s.GetService<ExplainConfiguration>() ?? new ExplainConfiguration { Enabled = false },
            WeightEstimate.Instance,
            s.GetRequiredService<TimeProvider>(),
            new StoredExplanations(new SessionAccess(s.GetRequiredService<ChainHolder>(), s.GetRequiredService<SessionGate>(), s.GetRequiredService<ILogger<SessionService>>()))))
        .AddSingleton<LiveRuns>()
        .AddSingleton(s => new RunEngine(
            s.GetRequiredService<ChainHolder>(),
            s.GetRequiredService<SessionGate>(),
            s.GetRequiredService<SessionClaims>(),
            s.GetRequiredService<LiveRuns>(),
            s.GetRequiredService<PluginCaller>(),
            s.GetRequiredService<ILogger<RunEngine>>(),
            s.GetService<KeptTraces>()))
        .AddSingleton(s => new SessionService(
            s.GetRequiredService<ChainHolder>(),
            s.GetRequiredService<SessionGate>(),
            s.GetRequiredService<LiveRuns>(),
            s.GetRequiredService<PluginCaller>(),
            s.GetRequiredService<ILogger<SessionService>>()))
        .AddSingleton<UserService>()
        .AddSingleton<WouldBeRuns>()
        .AddSingleton<SessionReplay>()
        .AddSingleton<StoreBackup>()
        .AddSingleton<SessionRetention>()
        .AddSingleton(s => new HostReadiness(
            s.GetRequiredService<ChainHolder>(), s.GetRequiredService<PluginCaller>(), s.GetRequiredService<HostEvents>(), s.GetRequiredService<ILogger<HostReadiness>>()));
}
