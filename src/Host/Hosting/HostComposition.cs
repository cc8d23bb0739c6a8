using PluginHost.Anthropic;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Hosts;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.ModelClients;
using PluginHost.Native;
using PluginHost.OpenAI;
using PluginHost.Telemetry;
using PluginHost.Telemetry.Logs;
using PluginHost.Telemetry.RunTraces;
using PluginHost.Telemetry.Spans;

namespace PluginHost.Hosting;

/// <summary>Puts the parts of a serving host together. The only place that knows all of them.</summary>
internal static class HostComposition
{
    /// <summary>Makes the application for a good setup. Nothing is loaded or listening yet.</summary>
    /// <param name="setup">Configuration and plugins, without errors.</param>
    /// <param name="load">Reads them again, for reloads.</param>
    /// <param name="adjust">Overrides the configuration of logging and telemetry.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="loadOther">Reads another configuration file, and plugins; null when only the host's own is read.</param>
    /// <param name="check">Reads them for a check, with another text of the file when one is given; null to read them as for reloads.</param>
    public static WebApplication Build(
        HostSetup setup,
        Func<HostSetup> load,
        Action<IHostApplicationBuilder>? adjust = null,
        TimeProvider? time = null,
        Func<string, HostSetup>? loadOther = null,
        Func<string?, HostSetup>? check = null)
    {
        var configuration = setup.Configuration ?? throw new ArgumentException("The setup has errors.", nameof(setup));
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // The working directory holds the stores: an appsettings.json there may belong to another program, and a watcher would
            // wake at every write of a store.
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        // The host logs its start and what it refuses itself, in one line each; the platform's four lines for both would bury that.
        builder.Configuration
            .AddInMemoryCollection([new("Logging:LogLevel:Microsoft.AspNetCore", "Warning"), new("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning")])
            .AddInMemoryCollection(configuration.Logging.Flatten());
        builder.Logging.ClearProviders().AddHostConsole();
        // The command reports what keeps the host from starting, once and without a stack trace.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        adjust?.Invoke(builder);
        builder.AddHostTelemetry(
            HttpServices.UseAdminAccess, configuration.Server.NeedsAuthentication, limit: HttpServices.LimitAdminConnections(configuration.Server, time ?? TimeProvider.System));
        builder.Services.AddSystemd();
        // One budget for all hosted services: runs, their requests, and the plugins.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = configuration.Server.ShutdownTimeout + HostRuntime.Grace);
        builder.Services
            .AddSingleton(time ?? TimeProvider.System)
            .AddSingleton(configuration.Explain)
            .AddSingleton(configuration.Cluster)
            .AddSessions()
            .AddRetention()
            .AddPluginWatcher()
            .AddHttp(configuration)
            .AddNativeApi()
            .AddOpenAI()
            .AddAnthropic()
            .AddPlugins()
            .AddRunTraces(configuration.Telemetry)
            .AddSingleton(new CandidateConfigurations(loadOther is null ? null : setup.Loaded.File, file => file is null ? load() : loadOther!(file)))
            .AddRuntime(setup, load, check);
        var app = builder.Build();
        // It listens from now on, so that it misses no run.
        app.Services.GetRequiredService<RunTraceListener>();
        app.UseHttp();
        app.UseForwarding();
        app.MapNativeApi();
        app.MapOpenAI();
        app.MapAnthropic();
        if (configuration.Server.Console) app.MapConsole();
        return app;
    }

    private static IServiceCollection AddPlugins(this IServiceCollection services) => services
        .AddSingleton(s =>
        {
            var observer = s.GetRequiredService<HostObserver>();
            var activator = new PluginActivator(new PluginServices(s.GetRequiredService<PluginTelemetry>().CreateContext, s.GetRequiredService<PluginCaller>())
            {
                LoggerFactory = s.GetRequiredService<ILoggerFactory>(),
                TimeProvider = s.GetRequiredService<TimeProvider>(),
                ObserveLoad = (folder, load) => observer.Observe(new ObservedOperation(HostOperation.PluginLoad) { Folder = folder }, load),
            });
            observer.ObserveContexts(() => activator.LoadContexts);
            return activator;
        });

    private static void AddRuntime(this IServiceCollection services, HostSetup setup, Func<HostSetup> load, Func<string?, HostSetup>? check) => services
        .AddSingleton<IChatClients>(s => new ChatClients(new BuiltInChatClients(
            s.GetRequiredService<ILoggerFactory>(), s.GetRequiredService<TimeProvider>(), traceOnly: new TraceOnlyPropagator())))
        .AddSingleton(s => s.GetRequiredService<ClusterConfiguration>().Key is { } shared
            ? CompactionSeal.From(shared)
            : CompactionSeal.From(Path.Combine(HostPaths.Current.DataRoot, "compaction.key"), s.GetRequiredService<ILoggerFactory>().CreateLogger("PluginHost.Engine")))
        .AddSingleton<ChainSetFactory>()
        .AddSingleton(s => new HostRuntime(
            setup,
            load,
            reloaded => s.GetRequiredService<ApiKeys>().Replace(reloaded.Server),
            s.GetRequiredService<ChainSetFactory>(),
            s.GetRequiredService<ChainHolder>(),
            s.GetRequiredService<RunEngine>(),
            s.GetRequiredService<HostMembership>(),
            s.GetRequiredService<PluginCaller>(),
            s.GetRequiredService<ILogger<HostRuntime>>(),
            check))
        .AddHostedService<HostShutdown>();
}
