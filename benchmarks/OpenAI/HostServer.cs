using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Benchmarks.Http;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http;
using PluginHost.Native;
using PluginHost.OpenAI;
using PluginHost.Telemetry;
using PluginHost.Telemetry.Metrics;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>The host's HTTP API and engine with one agent, a stub model, the in-memory history and the in-memory session store.</summary>
internal static class HostServer
{
    public static async Task<RunningServer> StartAsync(IChatClient model, string url = RunningServer.FreePort)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton<TelemetryInstruments>()
            .AddSingleton<HostObserver>(s => new TelemetryObserver(s.GetRequiredService<TelemetryInstruments>(), TimeProvider.System, false))
            .AddSessions()
            .AddHttp(new HostConfiguration { Server = CreateConfiguration(url) })
            .AddNativeApi()
            .AddOpenAI();
        var app = builder.Build();
        app.UseHttp();
        app.MapNativeApi();
        app.MapOpenAI();

        var caller = app.Services.GetRequiredService<PluginCaller>();
        var chains = new ChainBuilder(caller, NullLogger.Instance);
        var chain = chains.Build(new AgentConfiguration("assistant"), [], model, new InMemoryHistory());
        await app.Services.GetRequiredService<ChainHolder>().SwapAsync(
            new ChainSet(new SessionsConfiguration(), [chain], new SessionStoreClient(PluginInstance.FromHost("in-memory", new InMemorySessions()), caller), [], [], NullLogger.Instance), TimeSpan.Zero);
        return await RunningServer.StartAsync(app);
    }

    /// <summary>No limit may end a measurement.</summary>
    private static ServerConfiguration CreateConfiguration(string url) => new()
    {
        Listen = [url],
        RequestsPerSecond = 1_000_000,
        MaxConnections = 200_000,
        MaxStreams = 200_000,
        MaxStreamsPerTenant = 200_000,
    };
}
