using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Logging.Console;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Hosting;
using PluginHost.Native.Resources;

namespace PluginHost.Cli.Authors;

/// <summary>A host in this process that serves the builds of a plugin on a free port of the loopback interface.</summary>
internal sealed class DevHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DevHost(WebApplication app) => _app = app;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private HostRuntime Runtime => _app.Services.GetRequiredService<HostRuntime>();

    /// <exception cref="StartupException">The setup has errors, or the plugin does not start.</exception>
    public static async Task<DevHost> StartAsync(Func<HostSetup> load)
    {
        var setup = WithTraces(load());
        if (setup.Configuration is null) throw new StartupException(setup.Errors);
        var host = new DevHost(HostComposition.Build(setup, () => WithTraces(load()), Quieten));
        await host.Runtime.StartAsync(CancellationToken.None);
        await host._app.StartAsync();
        return host;
    }

    /// <summary>Takes the last build over. Runs in progress end on the one before.</summary>
    /// <exception cref="ProblemException">The build cannot be used, and the one before continues to serve.</exception>
    public async Task ReloadAsync() => await Runtime.ReloadAsync(GenerationCause.Reload, CancellationToken.None);

    /// <summary>The trace of a run that has ended; null when it is not kept.</summary>
    public TraceResource? FindTrace(string run) =>
        _app.Services.GetRequiredService<KeptTraces>().Find(tenant: null, run) is { } trace ? TraceResource.From(trace) : null;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static HostSetup WithTraces(HostSetup setup) => setup.Loaded.Draft is not { } draft
        ? setup
        : setup with { Loaded = setup.Loaded with { Draft = draft with { Telemetry = draft.Telemetry with { TracesPerSecond = int.MaxValue } } } };

    /// <summary>Keeps standard output for the conversation and its traces.</summary>
    private static void Quieten(IHostApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(
            [new("Logging:LogLevel:Default", "Warning"), new("Logging:LogLevel:PluginHost.Plugin", "Information"), new("OTEL_SDK_DISABLED", "true")]);
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
