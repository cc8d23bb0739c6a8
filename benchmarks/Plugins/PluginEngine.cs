using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.ModelClients;
using PluginHost.Sdk;
using PluginHost.Telemetry;
using PluginHost.Telemetry.Metrics;
using PluginHost.Telemetry.Spans;

namespace PluginHost.Benchmarks.Plugins;

/// <summary>
/// The host's engine with a configuration file and the plugins as they were built, each in its own load context. Only HTTP is missing, and all models are one
/// stub.
/// </summary>
internal sealed class PluginEngine : IAsyncDisposable
{
    public const string Tenant = "default";
    public const string User = "anna";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly ServiceProvider _services;
    private readonly RunEngine _engine;

    private PluginEngine(ServiceProvider services)
    {
        _services = services;
        _engine = services.GetRequiredService<RunEngine>();
    }

    /// <param name="configuration">The configuration file.</param>
    /// <param name="paths">The folder of the data, and that of the built host with the plugins below it.</param>
    /// <param name="model">The model of all agents.</param>
    /// <exception cref="StartupException">The configuration is wrong, or a plugin does not start.</exception>
    public static async Task<PluginEngine> StartAsync(string configuration, HostPaths paths, IChatClient model)
    {
        var setup = HostSetup.Load(configuration, new Dictionary<string, string>(), [], paths);
        if (setup.Configuration is null) throw new StartupException(setup.Errors);
        var services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<TelemetryInstruments>()
            .AddSingleton<PluginTelemetry>()
            .AddSingleton<HostObserver>(s => new TelemetryObserver(s.GetRequiredService<TelemetryInstruments>(), TimeProvider.System, false))
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSessions()
            .AddSingleton(s => new PluginActivator(
                new PluginServices(s.GetRequiredService<PluginTelemetry>().CreateContext, s.GetRequiredService<PluginCaller>()) { Paths = paths }))
            .AddSingleton<IChatClients>(new OneModel(model))
            .AddSingleton<ChainSetFactory>()
            .BuildServiceProvider();
        var engine = new PluginEngine(services);
        var chains = await services.GetRequiredService<ChainSetFactory>().BuildAsync(setup.Configuration, setup.Catalog, [], CancellationToken.None);
        _ = services.GetRequiredService<ChainHolder>().SwapAsync(chains);
        return engine;
    }

    /// <summary>Waits until no plugin has work or trouble left that readiness would show.</summary>
    public async Task WaitUntilHealthyAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var readiness = await HealthCheck.AskAsync(_services.GetRequiredService<ChainHolder>().Current, _services.GetRequiredService<PluginCaller>());
            if (readiness.Unhealthy.Count + readiness.Degraded.Count == 0) return;
            if (limit.IsCancellationRequested) throw new TimeoutException(string.Join(' ', readiness.Degraded.Concat(readiness.Unhealthy).Select(t => t.Message)));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Executes one run.</summary>
    /// <exception cref="InvalidOperationException">It did not complete, or continued without one of the plugins.</exception>
    public async Task RunAsync(string agent, string session, string input)
    {
        var run = await _engine.StartAsync(
            new RunCommand { Tenant = Tenant, SessionId = session, Agent = agent, User = User, Input = [new ChatMessage(ChatRole.User, input)] }, CancellationToken.None);
        var record = await run.Completion;
        if (record.Status != RunStatus.Completed) throw new InvalidOperationException($"The run of '{agent}' ended with status {record.Status}: {record.Error?.Message}");
        if (record.Failures.Count > 0) throw new InvalidOperationException($"The run of '{agent}' had a failure: {record.Failures[0]}");
    }

    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<ChainHolder>().StopAsync(new Deadline(TimeProvider.System, StopTimeout));
        await _services.DisposeAsync();
    }

    private sealed class OneModel(IChatClient model) : IChatClients
    {
        public IChatClient Create(ModelConfiguration configuration, ICollection<ConfigurationError> errors) => model;

        public OptionType? FindOptions(string client) => ChatClients.OptionTypes.GetValueOrDefault(client);
    }
}
